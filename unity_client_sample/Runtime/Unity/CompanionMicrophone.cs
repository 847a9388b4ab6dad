#nullable enable
using System;
using UnityEngine;

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
    /// The user's voice, by Unity's Microphone, by the browser's on WebGL, or by the system's voice mode where that cancels echo.
    /// It asks for permission when it opens, stays open between presses of the key, so that the first syllable is there, and
    /// comes back after a lost device or a pause, in growing pauses where it fails again.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("Companion/Companion Microphone")]
    public sealed class CompanionMicrophone : CompanionPart
    {
        const int ClipSeconds = 2;
        const double SilentSeconds = 1.5; // s without a new sample, after which the device is taken for lost

        [Tooltip("Push To Talk needs no echo cancellation. Open hears all the time; without headphones the companion is deaf while it speaks.")]
        [SerializeField] ListenMode _mode = ListenMode.PushToTalk;

        [Tooltip("Empty: the system's default, which also stands in for one that is not there.")]
        [SerializeField] string _device = "";

        [Tooltip("Let the system take the companion's voice out of the sound where it can (Android, iOS, browsers): with an open microphone the user may then talk over a reply. Try it on your devices first.")]
        [SerializeField] bool _cancelEcho;

        [Tooltip("Open it with the scene, so that the first press is not lost; else with the first press.")]
        [SerializeField] bool _openAtOnce = true;

        [Range(0, 1)]
        [Tooltip("Seconds that are heard after the key came up.")]
        [SerializeField] float _tail = 0.3f;

        IMicrophoneDevice? _open;
        readonly float[] _samples = new float[4096];
        readonly MicrophoneTries _tries = new MicrophoneTries();
        double _heardAt, _missed;
        bool _wanted, _toldName;
        MicrophoneState _told; // the last trouble that was told; Closed: none since it worked

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

        /// <summary>Name of the device, as Unity's Microphone.devices tells it; empty: the system's default.</summary>
        public string DeviceName
        {
            get => _device;
            set
            {
                if (value == _device) return;
                _device = value;
                _toldName = false;
                Drop();
                _tries.Want();
            }
        }

        /// <summary>Whether the companion's own voice is taken out of what is heard, so that it may listen while it speaks.</summary>
        public bool CancelsEcho => _cancelEcho && (_open ?? Make()).CancelsEcho;

        /// <summary>Whether the system is asked to; counts from the next time on that the microphone opens, and for the server from the next connection on.</summary>
        public bool CancelEcho { get => _cancelEcho; set => _cancelEcho = value; }

        /// <summary>Ask for permission if need be, and open; what failed before is tried again soon.</summary>
        public void Open()
        {
            _wanted = true;
            if (State == MicrophoneState.Denied) MicrophonePermission.AskAgain();
            _tries.Want();
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
            if (_open == null && _wanted && _tries.Due(now)) Begin(now);
            if (_open == null || Conversation == null) return;
            int total = Hear(_open, Conversation.Ear);
            MicrophoneDeviceState stands = _open.State;
            if (total > 0 || stands == MicrophoneDeviceState.Asking) _heardAt = now;
            if (stands == MicrophoneDeviceState.Denied) Fail(now, MicrophoneState.Denied);
            else if (stands == MicrophoneDeviceState.Gone || now - _heardAt > SilentSeconds) Fail(now, MicrophoneState.Missing);
            else if (total > 0) Heard(now, Conversation.Ear);
        }

        int Hear(IMicrophoneDevice device, Ear ear)
        {
            int total = 0;
            for (int count = device.Read(_samples); count > 0; count = device.Read(_samples))
            {
                if (!ear.IsOpen) ear.Open(device.Rate);
                if (device.Missed > _missed) ear.Skip(device.Missed - _missed);
                _missed = device.Missed;
                ear.Feed(_samples, 0, count);
                total += count;
                if (count < _samples.Length / 2) break;
            }
            return total;
        }

        void Heard(double now, Ear ear)
        {
            if (_tries.Heard(now)) _told = MicrophoneState.Closed;
            // The server was told that the system cancels echo: where it then does not, the companion is deaf while it speaks.
            bool promised = Conversation!.Settings.Hello.EchoCancelled && Client != null && !Client.Headphones;
            ear.Deaf = promised && _mode == ListenMode.Open && !_open!.CancelsEcho && Conversation.Timeline.Turn > 0;
            Become(ear.Muted ? MicrophoneState.Muted : MicrophoneState.Open);
        }

        void Begin(double now)
        {
            if (!MicrophonePermission.Granted(out bool denied))
            {
                _tries.Ask(now);
                Become(denied ? MicrophoneState.Denied : MicrophoneState.Opening);
                return;
            }
            _tries.Begin(now);
            IMicrophoneDevice device = Make();
            if (!device.Start())
            {
                Fail(now, device.State == MicrophoneDeviceState.Denied ? MicrophoneState.Denied : MicrophoneState.Missing);
                return;
            }
            _open = device;
            _heardAt = now;
            _missed = 0;
            if (device.StandsIn && !_toldName)
            {
                _toldName = true;
                CompanionLog.Problem(Told(), "There is no microphone called " + _device + ": the system's default is used.", this);
            }
            Become(MicrophoneState.Opening);
        }

        IMicrophoneDevice Make()
        {
            if (Device != null) return Device(_device);
#if UNITY_WEBGL && !UNITY_EDITOR
            return new WebGLMicrophone();
#elif (UNITY_ANDROID || UNITY_IOS) && !UNITY_EDITOR
            // With a key the user never talks against the loudspeaker, and the plain microphone sounds better.
            if (_cancelEcho && _mode == ListenMode.Open && VoiceMicrophone.IsAvailable) return new VoiceMicrophone();
            return new UnityMicrophone(_device, ClipSeconds);
#else
            return new UnityMicrophone(_device, ClipSeconds);
#endif
        }

        void Fail(double now, MicrophoneState state)
        {
            Drop();
            _tries.Fail(now, state == MicrophoneState.Denied);
            Become(state);
        }

        void Drop()
        {
            _open?.Stop();
            _open = null;
            Conversation?.Ear.Close();
        }

        CompanionLogLevel Told() => Client != null ? Client.Log : CompanionLogLevel.Problems;

        void Become(MicrophoneState state)
        {
            if (state == State) return;
            State = state;
            bool trouble = state == MicrophoneState.Denied || state == MicrophoneState.Missing || state == MicrophoneState.Muted;
            if (trouble && state != _told)
            {
                _told = state; // once, not with each attempt
                CompanionLog.Problem(Told(), Sentence(state), this);
            }
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
}
