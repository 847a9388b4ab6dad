#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// Looks at a target (the player's camera by default) with eyes that lead and a head that follows, and looks away while
    /// thinking. Drives bones if there are any, else the face's eyeLook shapes.
    /// </summary>
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(9990)]
    [AddComponentMenu("Companion/Companion Gaze")]
    public sealed class CompanionGaze : CompanionPart
    {
        [Tooltip("Empty: the main camera.")]
        [SerializeField] Transform? _target;

        [Tooltip("Bone of the head. Its forward axis is taken from the character: this object's forward.")]
        [SerializeField] Transform? _head;

        [SerializeField] Transform? _leftEye;
        [SerializeField] Transform? _rightEye;

        [Range(0, 1)]
        [SerializeField] float _weight = 1;

        [Range(0, 1)]
        [Tooltip("Share of the way to the target that the head turns.")]
        [SerializeField] float _headShare = 0.6f;

        [Tooltip("Further away than this, in metres, nothing is looked at.")]
        [SerializeField] float _reach = 6;

        readonly Gaze _gaze = new Gaze(1);
        int[] _eyes = System.Array.Empty<int>();
        int _yaw = -1, _pitch = -1, _roll = -1;
        Quaternion _headRest, _leftRest, _rightRest;
        float _serverYaw, _serverPitch, _serverRoll;
        Camera? _camera;
        double _last;

        public Transform? Target { get => _target; set => _target = value; }
        public Transform? Head { get => _head; set => _head = value; }
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
            if (_head != null) _headRest = _head.localRotation;
            if (_leftEye != null) _leftRest = _leftEye.localRotation;
            if (_rightEye != null) _rightRest = _rightEye.localRotation;
            _last = CompanionClock.Now;
        }

        void LateUpdate()
        {
            double now = CompanionClock.Now, step = System.Math.Min(0.25, System.Math.Max(0, now - _last));
            _last = now;
            bool any = Aim(out float yaw, out float pitch);
            _gaze.HeadShare = _headShare;
            _gaze.Step(step, any, yaw, pitch, Conversation?.State ?? CompanionState.Idle);
            if (_head != null) _head.localRotation = _headRest * Turned(_gaze.HeadYaw * _weight + _serverYaw, _gaze.HeadPitch * _weight + _serverPitch, _serverRoll);
            if (_leftEye != null) _leftEye.localRotation = _leftRest * Turned(_gaze.EyeYaw * _weight, _gaze.EyePitch * _weight, 0);
            if (_rightEye != null) _rightEye.localRotation = _rightRest * Turned(_gaze.EyeYaw * _weight, _gaze.EyePitch * _weight, 0);
        }

        bool Aim(out float yaw, out float pitch)
        {
            yaw = pitch = 0;
            Transform? target = _target;
            if (target == null)
            {
                if (_camera == null) _camera = Camera.main;
                if (_camera != null) target = _camera.transform;
            }
            if (target == null) return false;
            Vector3 from = _head != null ? _head.position : transform.position;
            Vector3 way = transform.InverseTransformDirection(target.position - from);
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

        /// <summary>A rotation by the face's angles in radians: yaw to its own left, pitch up, roll to its own right.</summary>
        internal static Quaternion Turned(float yaw, float pitch, float roll) =>
            Quaternion.Euler(-pitch * Mathf.Rad2Deg, -yaw * Mathf.Rad2Deg, -roll * Mathf.Rad2Deg);
    }
}
