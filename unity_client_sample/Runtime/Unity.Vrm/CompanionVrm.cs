#nullable enable
using System;
using System.Collections.Generic;
using UniVRM10;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// The face of a VRM 1.0 model, by its expressions: the model's own overrides of blinks and mouth then hold. Use it in the
    /// place of a <see cref="CompanionFace"/>. A model with the 52 shapes of ARKit as custom expressions ("perfect sync") gets those.
    /// </summary>
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(-60)] // before the client asks for a profile; LateUpdate before the model's own, whose order is 11000
    [AddComponentMenu("Companion/Companion VRM")]
    public sealed class CompanionVrm : CompanionPart
    {
        const int PerfectSync = 30; // that many of the 52 make a model one of perfect sync

        [Tooltip("Empty: the nearest on this object or below it.")]
        [SerializeField] Vrm10Instance? _model;

        [Range(0, 1.5f)]
        [SerializeField] float _strength = 1;

        [Tooltip("Blink when the server sends no life between replies.")]
        [SerializeField] bool _ownBlinks = true;

        readonly Blinks _blinks = new Blinks(1);
        ExpressionKey[] _keys = Array.Empty<ExpressionKey>();
        bool[] _has = Array.Empty<bool>();
        float[] _weights = Array.Empty<float>();
        int[] _lids = Array.Empty<int>();
        Timeline? _shown;
        double _last;

        public Vrm10Instance? Model
        {
            get
            {
                if (_model == null) _model = GetComponentInChildren<Vrm10Instance>(true);
                return _model;
            }
            set
            {
                _model = value;
                _shown = null;
            }
        }

        /// <summary>Channels that the model shows.</summary>
        public int Matched { get; private set; }

        protected override void OnEnable()
        {
            CompanionClient? client = Client;
            if (client != null && client.Profile == FaceProfile.Automatic && Model != null) client.Profile = Best(Model);
            _last = CompanionClock.Now;
            base.OnEnable();
        }

        static FaceProfile Best(Vrm10Instance model)
        {
            int found = 0;
            foreach (ExpressionKey each in model.Runtime.Expression.ExpressionKeys)
                if (each.Preset == ExpressionPreset.custom && Array.Exists(FaceNames.Arkit, name => FaceNames.Normal(name) == FaceNames.Normal(each.Name))) found++;
            return found >= PerfectSync ? FaceProfile.Arkit52 : FaceProfile.Vrm;
        }

        void LateUpdate()
        {
            Vrm10Instance? model = Model;
            if (Conversation == null || model == null) return;
            double now = CompanionClock.Now, step = Math.Min(0.25, Math.Max(0, now - _last));
            _last = now;
            Timeline timeline = Conversation.Timeline;
            if (timeline != _shown) Follow(timeline, model);
            if (_weights.Length == 0) return;
            double heard = Conversation.Voice.Heard(now);
            if (heard >= 0) timeline.Seek(heard);
            timeline.Sample(now, 0, _weights);
            float lids = _blinks.Step(step);
            if (_ownBlinks && !timeline.Alive)
                foreach (int lid in _lids)
                    if (lid >= 0) _weights[lid] = Mathf.Max(_weights[lid], lids);
            for (int channel = 0; channel < _keys.Length; channel++)
                if (_has[channel]) model.Runtime.Expression.SetWeight(_keys[channel], Mathf.Clamp01(_weights[channel] * _strength));
        }

        void Follow(Timeline timeline, Vrm10Instance model)
        {
            _shown = timeline;
            FaceFormat format = timeline.Format;
            _weights = new float[format.Width];
            _keys = new ExpressionKey[format.Width];
            _has = new bool[format.Width];
            _lids = new[] { format.IndexOf("eyeBlinkLeft"), format.IndexOf("eyeBlinkRight"), format.IndexOf("blink") };
            Dictionary<string, ExpressionKey> known = new Dictionary<string, ExpressionKey>();
            foreach (ExpressionKey each in model.Runtime.Expression.ExpressionKeys) known[FaceNames.Normal(each.Name)] = each;
            Matched = 0;
            for (int channel = 0; channel < format.Width; channel++)
            {
                _has[channel] = known.TryGetValue(FaceNames.Normal(format.Names[channel]), out _keys[channel]);
                if (_has[channel]) Matched++;
            }
            if (Matched == 0 && format.Width > 0) Debug.LogWarning("[Companion] The VRM model has no expression of the profile " + format.Profile + ": the voice is heard, the face rests.", this);
        }
    }
}
