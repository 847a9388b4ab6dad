#nullable enable
using System;
using UnityEngine;
#if UNITY_ANDROID && !UNITY_EDITOR
using UnityEngine.Android;
#endif

namespace CompanionBridge
{
    /// <summary>Why the companion does not hear the user, or that it could.</summary>
    public enum MicrophoneState
    {
        /// <summary>It was not asked for.</summary>
        Closed,

        /// <summary>The user is being asked, or the device is starting.</summary>
        Opening,

        Open,

        /// <summary>The user or the system said no.</summary>
        Denied,

        /// <summary>There is none.</summary>
        Missing,

        /// <summary>It delivers nothing but zeros: muted by the system or in hardware.</summary>
        Muted,
    }

    /// <summary>
    /// The user's voice, by Unity's Microphone (by the browser's on WebGL). It asks for permission when it opens, stays open
    /// between presses of the key, so that the first syllable is there, and comes back after a lost device or a pause.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("Companion/Companion Microphone")]
    public sealed class CompanionMicrophone : CompanionPart
    {
        const int ClipSeconds = 2;
        const double RetrySeconds = 2;
        const double SilentSeconds = 1.5; // s without a new sample, after which the device is taken for lost

        [Tooltip("Push To Talk needs no echo cancellation. Open hears all the time; without headphones the companion is deaf while it speaks.")]
        [SerializeField] ListenMode _mode = ListenMode.PushToTalk;

        [Tooltip("Empty: the system's default.")]
        [SerializeField] string _device = "";

        [Tooltip("Open it with the scene, so that the first press is not lost; else with the first press.")]
        [SerializeField] bool _openAtOnce = true;

        [Range(0, 1)]
        [Tooltip("Seconds that are heard after the key came up.")]
        [SerializeField] float _tail = 0.3f;

        IMicrophoneDevice? _open;
        readonly float[] _samples = new float[4096];
        double _retryAt, _heardAt;
        bool _wanted;

        public MicrophoneState State { get; private set; } = MicrophoneState.Closed;

        public event Action<MicrophoneState>? StateChanged;

        /// <summary>Loudness of the user, 0..1.</summary>
        public float Level => Conversation?.Ear.Level ?? 0;

        /// <summary>Whether the key is down for the companion, its tail included.</summary>
        public bool IsTalking => Conversation?.Ear.Talking ?? false;

        public ListenMode Mode
        {
            get => _mode;
            set
            {
                _mode = value;
                if (Conversation != null) Conversation.Ear.Mode = value;
                if (value == ListenMode.Off) Close();
                else if (value == ListenMode.Open || _openAtOnce) Open();
            }
        }

        /// <summary>Makes the device; for tests, or for a source of your own. Set it before the microphone opens.</summary>
        public Func<string, IMicrophoneDevice>? Device { get; set; }

        /// <summary>Ask for permission if need be, and open.</summary>
        public void Open()
        {
            _wanted = true;
            _retryAt = 0;
        }

        public void Close()
        {
            _wanted = false;
            Drop();
            Become(MicrophoneState.Closed);
        }

        /// <summary>The key of push-to-talk goes down; for buttons, input actions and UnityEvents.</summary>
        public void Press()
        {
            Open();
            Conversation?.Ear.Talk(true, CompanionClock.Now);
        }

        /// <summary>The key comes up.</summary>
        public void Release() => Conversation?.Ear.Talk(false, CompanionClock.Now);

        protected override void Attached(Conversation conversation)
        {
            conversation.Ear.Mode = _mode;
            conversation.Ear.TailSeconds = _tail;
            if (_open != null && _open.Rate > 0) conversation.Ear.Open(_open.Rate);
            if (_mode != ListenMode.Off && (_openAtOnce || _mode == ListenMode.Open)) Open();
        }

        protected override void Detached(Conversation conversation) => Drop();

        protected override void OnDisable()
        {
            Close();
            base.OnDisable();
        }

        void OnApplicationPause(bool paused)
        {
            // iOS takes the device away; elsewhere it would go on recording in the background.
            if (!paused) return;
            Conversation?.Ear.Release();
            Drop();
            if (_wanted) Become(MicrophoneState.Opening);
        }

        void Update()
        {
            double now = CompanionClock.Now;
            if (_open == null && _wanted && now >= _retryAt) Begin(now);
            if (_open == null || Conversation == null) return;
            int total = 0;
            for (int count = _open.Read(_samples); count > 0; count = _open.Read(_samples))
            {
                if (!Conversation.Ear.IsOpen) Conversation.Ear.Open(_open.Rate);
                Conversation.Ear.Feed(_samples, 0, count);
                total += count;
                if (count < _samples.Length) break;
            }
            if (total > 0) _heardAt = now;
            if (!_open.IsRecording || now - _heardAt > SilentSeconds) Lost(now);
            else if (total > 0) Become(Conversation.Ear.Muted ? MicrophoneState.Muted : MicrophoneState.Open);
        }

        void Begin(double now)
        {
            _retryAt = now + RetrySeconds;
            if (!MicrophonePermission.Granted(out bool denied))
            {
                Become(denied ? MicrophoneState.Denied : MicrophoneState.Opening);
                return;
            }
            IMicrophoneDevice device = Device != null ? Device(_device) : Default();
            if (!device.Start())
            {
                Become(MicrophoneState.Missing);
                return;
            }
            _open = device;
            _heardAt = now;
            Become(MicrophoneState.Opening);
        }

        IMicrophoneDevice Default()
        {
#if UNITY_WEBGL && !UNITY_EDITOR
            return new WebGLMicrophone();
#else
            return new UnityMicrophone(_device, ClipSeconds);
#endif
        }

        void Lost(double now)
        {
            Drop();
            _retryAt = now;
            Become(MicrophoneState.Missing);
        }

        void Drop()
        {
            _open?.Stop();
            _open = null;
            Conversation?.Ear.Close();
        }

        void Become(MicrophoneState state)
        {
            if (state == State) return;
            State = state;
            if (state == MicrophoneState.Denied || state == MicrophoneState.Missing || state == MicrophoneState.Muted)
                CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, Sentence(state), this);
            StateChanged?.Invoke(state);
        }

        /// <summary>A state as a sentence for the user.</summary>
        public static string Sentence(MicrophoneState state)
        {
            switch (state)
            {
                case MicrophoneState.Denied: return "The microphone is not allowed: allow it in the system's settings.";
                case MicrophoneState.Missing: return "There is no microphone.";
                case MicrophoneState.Muted: return "The microphone is muted.";
                case MicrophoneState.Opening: return "The microphone is starting.";
                default: return "";
            }
        }
    }

    /// <summary>Asks the platform whether the microphone may be used, and the user if nobody has.</summary>
    internal static class MicrophonePermission
    {
#if UNITY_ANDROID && !UNITY_EDITOR
        const int Patience = 5; // questions, one each two seconds, after which an open dialog counts as a no
        static int _asked;

        public static bool Granted(out bool denied)
        {
            bool granted = Permission.HasUserAuthorizedPermission(Permission.Microphone);
            if (!granted && _asked++ == 0) Permission.RequestUserPermission(Permission.Microphone);
            denied = !granted && _asked > Patience;
            return granted;
        }
#elif UNITY_IOS && !UNITY_EDITOR
        static AsyncOperation? _asking;

        public static bool Granted(out bool denied)
        {
            bool granted = Application.HasUserAuthorization(UserAuthorization.Microphone);
            if (!granted && _asking == null) _asking = Application.RequestUserAuthorization(UserAuthorization.Microphone);
            denied = !granted && _asking != null && _asking.isDone;
            return granted;
        }
#else
        public static bool Granted(out bool denied)
        {
            denied = false;
            return true;
        }
#endif
    }
}
