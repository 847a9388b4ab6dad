#nullable enable
using System;
using System.Collections.Generic;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// Shows the companion's face on every mesh of the character that has its shapes (head, teeth, lashes, tongue), at the
    /// sample that is heard. It writes after Animators and before VRM's own update.
    /// </summary>
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(10000)]
    [AddComponentMenu("Companion/Companion Face")]
    public sealed class CompanionFace : CompanionPart
    {
        [Tooltip("Empty: all skinned meshes below this object.")]
        [SerializeField] List<SkinnedMeshRenderer> _renderers = new List<SkinnedMeshRenderer>();

        [Tooltip("Shapes that are chosen by hand; the others are found by name.")]
        [SerializeField] List<FaceChoice> _choices = new List<FaceChoice>();

        [Tooltip("For a mesh whose mouthClose does not close the lips against an open jaw: seal them by the jaw.")]
        [SerializeField] bool _sealByJaw;

        [Range(0, 1.5f)]
        [SerializeField] float _strength = 1;

        [Tooltip("Bone that nods and turns with the server's head angles; empty: none. With a Companion Gaze, leave it there.")]
        [SerializeField] Transform? _head;

        [Tooltip("Bone of the jaw, for a mesh without jawOpen; whatever its axes.")]
        [SerializeField] Transform? _jaw;

        [Range(-60, 60)]
        [Tooltip("Degrees that open the jaw fully.")]
        [SerializeField] float _jawDegrees = 18;

        [Range(-100, 100)]
        [Tooltip("Milliseconds that the face goes ahead of the voice, such as half a frame for the way to the display.")]
        [SerializeField] float _aheadMs;

        [Tooltip("Blink when the server sends no life between replies.")]
        [SerializeField] bool _ownBlinks = true;

        const double LookSeconds = 0.5; // between looks for meshes that came, went or changed

        readonly List<FaceTarget> _targets = new List<FaceTarget>();
        readonly List<SkinnedMeshRenderer> _found = new List<SkinnedMeshRenderer>();
        readonly List<Mesh?> _known = new List<Mesh?>();
        double _lookAt;
        readonly Dictionary<string, float> _overrides = new Dictionary<string, float>();
        readonly Blinks _blinks = new Blinks(1);
        float[] _weights = Array.Empty<float>();
        FaceFormat? _format;
        CompanionGaze? _gaze;
        int[] _lids = Array.Empty<int>();
        int _jawChannel = -1, _close = -1, _yaw = -1, _pitch = -1, _roll = -1;
        readonly BonePose _jawPose = new BonePose(), _headPose = new BonePose();
        bool _closes; // a mesh has mouthClose
        Timeline? _shown;
        double _last;

        /// <summary>Weights of the face's channels, as they were written last; see <see cref="Format"/>.</summary>
        public float[] Weights => _weights;

        /// <summary>The channels; null before the first connection.</summary>
        public FaceFormat? Format => _format;

        /// <summary>What each mesh shows, for the inspector and the Setup Doctor.</summary>
        public IReadOnlyList<FaceTarget> Targets => _targets;

        public List<FaceChoice> Choices => _choices;

        /// <summary>Bone of the jaw, for a mesh without jawOpen, and the degrees that open it fully.</summary>
        public Transform? Jaw { get => _jaw; set => _jaw = value; }
        public float JawDegrees { get => _jawDegrees; set => _jawDegrees = value; }

        public float AheadMs { get => _aheadMs; set => _aheadMs = value; }

        /// <summary>The meshes that are driven: those given, or all below this object that have shapes.</summary>
        public List<SkinnedMeshRenderer> Renderers()
        {
            List<SkinnedMeshRenderer> all = new List<SkinnedMeshRenderer>();
            foreach (SkinnedMeshRenderer each in _renderers.Count > 0 ? _renderers.ToArray() : GetComponentsInChildren<SkinnedMeshRenderer>(true))
                if (each != null && each.sharedMesh != null && each.sharedMesh.blendShapeCount > 0) all.Add(each);
            return all;
        }

        /// <summary>The profile that the meshes show best.</summary>
        public string BestProfile()
        {
            List<string> shapes = new List<string>();
            foreach (SkinnedMeshRenderer each in Renderers()) shapes.AddRange(FaceTarget.ShapesOf(each.sharedMesh));
            string best = FaceMap.Detect(shapes, out _);
            return best == "none" && _jaw != null ? "arkit52" : best;
        }

        /// <summary>Hold a channel at a weight whatever the face does, until <see cref="ClearOverride"/>; for the game's own expressions.</summary>
        public void SetOverride(string channel, float weight) => _overrides[channel] = weight;

        public void ClearOverride(string channel) => _overrides.Remove(channel);

        /// <summary>Match the meshes to the channels again, after meshes or choices changed.</summary>
        public void Rebuild()
        {
            foreach (FaceTarget each in _targets) each.Clear();
            _targets.Clear();
            if (_format == null) return;
            int matched = 0;
            List<SkinnedMeshRenderer> renderers = Renderers();
            bool closes = _closes = renderers.Exists(each => FaceMap.Has(_format.Profile, "mouthClose", FaceTarget.ShapesOf(each.sharedMesh)));
            LipSeal seal = _sealByJaw ? LipSeal.Jaw : closes ? LipSeal.Shape : LipSeal.Automatic;
            foreach (SkinnedMeshRenderer each in renderers)
            {
                FaceTarget target = new FaceTarget(each, _format, _choices, seal);
                if (target.Map.Matched == 0) continue;
                _targets.Add(target);
                matched = Mathf.Max(matched, target.Map.Matched);
            }
            bool speaks = _format.Width > 0;
            if (speaks && matched == 0 && _jaw == null)
                CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, "No mesh of " + name + " has a shape of the profile " + _format.Profile + ": the voice is heard, the face rests.", this);
        }

        protected override void OnEnable()
        {
            base.OnEnable();
            _gaze = Client != null ? Client.GetComponentInChildren<CompanionGaze>(true) : null;
            _last = CompanionClock.Now;
        }

        protected override void OnDisable()
        {
            foreach (FaceTarget each in _targets) each.Clear();
            _jawPose.Release();
            _headPose.Release();
            base.OnDisable();
        }

        void LateUpdate()
        {
            Conversation? conversation = Conversation;
            if (conversation == null) return;
            double now = CompanionClock.Now, step = Math.Min(0.25, Math.Max(0, now - _last));
            _last = now;
            Timeline timeline = conversation.Timeline;
            if (timeline != _shown) Follow(timeline);
            if (_weights.Length == 0) return;
            if (now >= _lookAt) Look(now);
            // The frame begins with what was heard when the client updated; the mixer has gone on since.
            double heard = conversation.Voice.Heard(now);
            if (heard >= 0) timeline.Seek(heard);
            timeline.Sample(now, _aheadMs * Ticks.PerSecond / 1000.0, _weights);
            Liven(conversation, step);
            foreach (FaceTarget each in _targets) each.Write(_weights, _strength);
            Bones();
        }

        // Meshes arrive late (Addressables, glTF) and change (outfits): the face is matched to them again.
        void Look(double now)
        {
            _lookAt = now + LookSeconds;
            _found.Clear();
            if (_renderers.Count > 0) _found.AddRange(_renderers);
            else GetComponentsInChildren(true, _found);
            bool same = _found.Count == _known.Count;
            for (int index = 0; same && index < _found.Count; index++) same = ReferenceEquals(_known[index], MeshOf(_found[index]));
            if (same) return;
            bool first = _known.Count == 0;
            _known.Clear();
            foreach (SkinnedMeshRenderer each in _found) _known.Add(MeshOf(each));
            if (!first) Rebuild();
        }

        static Mesh? MeshOf(SkinnedMeshRenderer renderer) => renderer == null ? null : renderer.sharedMesh;

        void Follow(Timeline timeline)
        {
            _shown = timeline;
            _format = timeline.Format;
            _weights = new float[_format.Width];
            _lids = new[] { _format.IndexOf("eyeBlinkLeft"), _format.IndexOf("eyeBlinkRight"), _format.IndexOf("blink") };
            _jawChannel = _format.IndexOf("jawOpen");
            _close = _format.IndexOf("mouthClose");
            _yaw = _format.IndexOf("headYaw");
            _pitch = _format.IndexOf("headPitch");
            _roll = _format.IndexOf("headRoll");
            if (_gaze != null) _gaze.Follow(_format);
            Rebuild();
        }

        void Liven(Conversation conversation, double step)
        {
            float lids = _blinks.Step(step);
            if (_ownBlinks && !conversation.Timeline.Alive)
                foreach (int lid in _lids)
                    if (lid >= 0) _weights[lid] = Mathf.Max(_weights[lid], lids);
            if (_gaze != null && _gaze.isActiveAndEnabled) _gaze.Write(_weights);
            if (_overrides.Count > 0)
                for (int channel = 0; channel < _weights.Length; channel++)
                    if (_overrides.TryGetValue(_format!.Names[channel], out float weight)) _weights[channel] = weight;
            if (_format!.Profile != "oculus15") return;
            // Visemes show no feeling and no blinks: what the meshes have besides shows them.
            foreach (FaceTarget each in _targets) each.Feel(conversation.Emotion, conversation.Timeline.Turn > 0, _ownBlinks ? lids : 0);
        }

        // Without a shape that closes the lips, the jaw does.
        float Opening()
        {
            float close = _close < 0 || _closes ? 0 : _weights[_close];
            return Mathf.Clamp01((_weights[_jawChannel] - close) * _strength);
        }

        void Bones()
        {
            if (_jawChannel >= 0) _jawPose.Tip(_jaw, transform, _jawDegrees * Opening());
            if (_yaw < 0 || (_gaze != null && _gaze.isActiveAndEnabled)) return;
            _headPose.Turn(_head, transform.rotation, _weights[_yaw], _weights[_pitch], _weights[_roll]);
        }
    }
}
