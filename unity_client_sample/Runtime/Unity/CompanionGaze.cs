#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// Looks at a target (the player's camera by default) with eyes that lead and a head that follows, and looks away while
    /// thinking. Turns bones about the character's own axes, on top of the pose that the Animator gave them, so that it does not
    /// matter how a rig's bones lie; without eye bones it drives the face's eyeLook shapes.
    /// </summary>
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(9990)]
    [AddComponentMenu("Companion/Companion Gaze")]
    public sealed class CompanionGaze : CompanionPart
    {
        [Tooltip("Empty: the main camera.")]
        [SerializeField] Transform? _target;

        [Tooltip("Whose forward (z) and up (y) axes are the character's. Empty: this object.")]
        [SerializeField] Transform? _body;

        [Tooltip("Bone of the head, whatever its axes.")]
        [SerializeField] Transform? _head;

        [SerializeField] Transform? _leftEye;
        [SerializeField] Transform? _rightEye;

        [Range(0, 1)]
        [Tooltip("0 leaves head and eyes to the Animator.")]
        [SerializeField] float _weight = 1;

        [Range(0, 1)]
        [Tooltip("Share of the way to the target that the head turns.")]
        [SerializeField] float _headShare = 0.6f;

        [Tooltip("Further away than this, in metres, nothing is looked at.")]
        [SerializeField] float _reach = 6;

        readonly Gaze _gaze = new Gaze(1);
        readonly BonePose _headPose = new BonePose(), _leftPose = new BonePose(), _rightPose = new BonePose();
        int[] _eyes = System.Array.Empty<int>();
        int _yaw = -1, _pitch = -1, _roll = -1;
        float _serverYaw, _serverPitch, _serverRoll;
        Camera? _camera;
        double _last;

        public Transform? Target { get => _target; set => _target = value; }
        public Transform? Body { get => _body; set => _body = value; }
        public Transform? Head { get => _head; set => _head = value; }
        public Transform? LeftEye { get => _leftEye; set => _leftEye = value; }
        public Transform? RightEye { get => _rightEye; set => _rightEye = value; }
        public float Weight { get => _weight; set => _weight = Mathf.Clamp01(value); }

        internal void Follow(FaceFormat format)
        {
            _eyes = Gaze.EyeChannels(format);
            _yaw = format.IndexOf("headYaw");
            _pitch = format.IndexOf("headPitch");
            _roll = format.IndexOf("headRoll");
        }

        protected override void OnEnable()
        {
            base.OnEnable();
            _last = CompanionClock.Now;
        }

        protected override void OnDisable()
        {
            _headPose.Release();
            _leftPose.Release();
            _rightPose.Release();
            base.OnDisable();
        }

        void LateUpdate()
        {
            double now = CompanionClock.Now, step = System.Math.Min(0.25, System.Math.Max(0, now - _last));
            _last = now;
            Transform body = _body != null ? _body : transform;
            bool any = Aim(body, out float yaw, out float pitch);
            _gaze.HeadShare = _headShare;
            _gaze.Step(step, any, yaw, pitch, Conversation?.State ?? CompanionState.Idle);
            float yawed = (_gaze.HeadYaw + _serverYaw) * _weight, pitched = (_gaze.HeadPitch + _serverPitch) * _weight;
            Quaternion frame = _headPose.Turn(_head, body.rotation, yawed, pitched, _serverRoll * _weight);
            _leftPose.Turn(_leftEye, frame, _gaze.EyeYaw * _weight, _gaze.EyePitch * _weight, 0);
            _rightPose.Turn(_rightEye, frame, _gaze.EyeYaw * _weight, _gaze.EyePitch * _weight, 0);
        }

        bool Aim(Transform body, out float yaw, out float pitch)
        {
            yaw = pitch = 0;
            Transform? target = _target;
            if (target == null)
            {
                if (_camera == null) _camera = Camera.main;
                if (_camera != null) target = _camera.transform;
            }
            if (target == null) return false;
            Vector3 from = _head != null ? _head.position : body.position;
            Vector3 way = body.InverseTransformDirection(target.position - from);
            if (way.sqrMagnitude < 1e-6f || way.sqrMagnitude > _reach * _reach) return false;
            // A character faces z in Unity, and x points to its own right.
            yaw = Mathf.Atan2(-way.x, way.z);
            pitch = Mathf.Atan2(way.y, Mathf.Sqrt(way.x * way.x + way.z * way.z));
            return Mathf.Abs(yaw) < 1.7f;
        }

        /// <summary>Take the server's head angles, and let the eyes of the face look where this looks.</summary>
        internal void Write(float[] weights)
        {
            if (_yaw >= 0)
            {
                _serverYaw = weights[_yaw];
                _serverPitch = weights[_pitch];
                _serverRoll = weights[_roll];
            }
            if (_leftEye == null && _rightEye == null && _eyes.Length > 0) _gaze.Write(weights, _eyes, _weight);
        }
    }
}
