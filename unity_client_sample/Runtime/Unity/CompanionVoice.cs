#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// The companion's voice from an AudioSource, with all that the source does: distance, panning, reverb, mixer. The source
    /// loops a clip of ones, which Unity spatialises; a filter behind it multiplies with the voice.
    /// </summary>
    [DisallowMultipleComponent]
    [RequireComponent(typeof(AudioSource))]
    [AddComponentMenu("Companion/Companion Voice")]
    public sealed class CompanionVoice : CompanionPart
    {
        [Tooltip("Take the latency from Unity's sound buffers. A wireless headset adds 100 to 300 ms that no one can ask for: then set it by hand.")]
        [SerializeField] bool _automaticLatency = true;

        [Range(-200, 500)]
        [Tooltip("Milliseconds from the mixer to the ear. Higher: the face moves later.")]
        [SerializeField] float _latencyMs;

        [Tooltip("Keep talking while the AudioListener is paused.")]
        [SerializeField] bool _ignoreListenerPause;

        AudioSource? _source;
        CompanionVoiceFilter? _filter;
        AudioClip? _ones;
        int _rate;
        bool _toldStopped;

        /// <summary>Milliseconds from the mixer to the ear that are reckoned with.</summary>
        public float LatencyMs
        {
            get => _automaticLatency ? AutomaticLatencyMs() : _latencyMs;
            set
            {
                _automaticLatency = false;
                _latencyMs = value;
                Apply();
            }
        }

        /// <summary>Loudness of the voice now, 0..1.</summary>
        public float Level => Conversation?.Voice.Level ?? 0;

        /// <summary>Milliseconds of speech that wait to be heard.</summary>
        public float BufferedMs => 1000 * (float)(Conversation?.Voice.Playout?.Buffered ?? 0);

        /// <summary>How often the voice ran dry.</summary>
        public int Underruns => Conversation?.Voice.Playout?.Underruns ?? 0;

        protected override void OnEnable()
        {
            base.OnEnable();
            AudioSettings.OnAudioConfigurationChanged += Rebuild;
            Rebuild(false);
        }

        protected override void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= Rebuild;
            if (_source != null) _source.Stop();
            base.OnDisable();
        }

        protected override void Attached(Conversation conversation)
        {
            if (_filter != null) _filter.Voice = conversation.Voice;
            Apply();
        }

        protected override void Detached(Conversation conversation)
        {
            if (_filter != null) _filter.Voice = null;
        }

        void OnDestroy()
        {
            if (_filter != null) _filter.Retire();
            if (_ones != null) Destroy(_ones);
        }

        // Unity stops every source on a device change and rebuilds its graph: playing again is not enough, the filter has to be
        // made anew as well.
        void Rebuild(bool deviceWasChanged)
        {
#if UNITY_WEBGL && !UNITY_EDITOR
            // Browsers have no filter: CompanionWebVoice plays.
            if (GetComponent<CompanionWebVoice>() == null) gameObject.AddComponent<CompanionWebVoice>().Client = Client;
#else
            if (_source == null) _source = Source();
            _rate = AudioSettings.outputSampleRate;
            if (_filter != null) _filter.Retire();
            AudioClip? old = _ones;
            _ones = AudioClip.Create("Companion", _rate, 1, _rate, false);
            float[] ones = new float[_rate];
            for (int index = 0; index < ones.Length; index++) ones[index] = 1;
            _ones.SetData(ones, 0);
            _source.clip = _ones;
            if (old != null) Destroy(old);
            _source.loop = true;
            _source.playOnAwake = false;
            _source.priority = 0; // a voice that is virtualised stops asking for samples
            _source.dopplerLevel = 0; // and with it the pitch
            _source.pitch = 1;
            _source.spatializePostEffects = true; // the voice comes from a filter: a spatializer before it would hear a clip of ones
            _source.ignoreListenerPause = _ignoreListenerPause;
            _filter = gameObject.AddComponent<CompanionVoiceFilter>();
            _filter.hideFlags = HideFlags.HideInInspector | HideFlags.DontSave;
            if (Conversation != null)
            {
                Conversation.Voice.OutputRate = _rate;
                Conversation.Voice.Restart();
                _filter.Voice = Conversation.Voice;
            }
            _source.Play();
            Apply();
#endif
        }

        // Code that stops every AudioSource of a scene stops the voice's as well, and with it the clock of the face.
        void Update()
        {
            if (_source == null || _source.isPlaying || !_source.enabled || AudioListener.pause || !_source.gameObject.activeInHierarchy) return;
            if (!_toldStopped) CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, "Something stopped the AudioSource of the companion's voice; it plays again. To silence the companion call StopTalking.", this);
            _toldStopped = true;
            _source.Play();
            Conversation?.Voice.Restart();
        }

        // A source that plays something of the game's is not taken from it.
        AudioSource Source()
        {
            foreach (AudioSource each in GetComponents<AudioSource>())
                if (each.clip == null || each.clip == _ones) return each;
            CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, "The AudioSource of " + name + " has a clip of its own: the voice has one beside it.", this);
            return gameObject.AddComponent<AudioSource>();
        }

        void OnValidate() => Apply();

        void OnApplicationPause(bool paused)
        {
            if (!paused && _source != null && !_source.isPlaying && isActiveAndEnabled) Rebuild(false);
        }

        void Apply()
        {
            if (Conversation == null) return;
            if (_rate > 0) Conversation.Voice.OutputRate = _rate;
            Conversation.Voice.Latency = LatencyMs / 1000.0;
            if (_source != null) _source.ignoreListenerPause = _ignoreListenerPause;
        }

        static float AutomaticLatencyMs()
        {
            AudioSettings.GetDSPBufferSize(out int length, out int count);
            return 1000f * length * count / Mathf.Max(1, AudioSettings.outputSampleRate);
        }
    }
}
