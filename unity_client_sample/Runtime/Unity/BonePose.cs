#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// Turns a bone in a character's frame, on top of the pose that it has: that of the Animator, which writes it before each
    /// frame, or the one that it stood in where nothing does. The axes of the bone do not matter.
    /// </summary>
    internal sealed class BonePose
    {
        const float Same = 1e-6f;

        Transform? _bone;
        Quaternion _pose, _written;
        Vector3 _axis;

        /// <summary>
        /// Turn it by angles in radians about the axes of <paramref name="frame"/>: yaw to the character's own left, pitch up,
        /// roll to its own right. Call it once a frame, after the Animator; angles of 0 leave the pose as it is. Returns the
        /// frame as it is turned with the bone, for what hangs on it.
        /// </summary>
        public Quaternion Turn(Transform? bone, Quaternion frame, float yaw, float pitch, float roll)
        {
            if (!Take(bone)) return frame;
            if (yaw == 0 && pitch == 0 && roll == 0)
            {
                Write(_pose);
                return frame;
            }
            // A character faces z, and x points to its own right.
            Quaternion turned = Quaternion.Euler(-pitch * Mathf.Rad2Deg, -yaw * Mathf.Rad2Deg, -roll * Mathf.Rad2Deg);
            Quaternion world = frame * turned * Quaternion.Inverse(frame);
            Quaternion parent = Parent();
            Write(Quaternion.Inverse(parent) * world * parent * _pose);
            return world * frame;
        }

        /// <summary>
        /// Tip it forward by degrees about the axis that was the character's right when it was first taken, as a jaw opens: in
        /// the frame of its parent, so that it goes along with a head that turns.
        /// </summary>
        public void Tip(Transform? bone, Transform body, float degrees)
        {
            bool first = bone != _bone;
            if (!Take(bone)) return;
            if (first) _axis = Quaternion.Inverse(Parent()) * (body.rotation * Vector3.right);
            Write(degrees == 0 ? _pose : Quaternion.AngleAxis(degrees, _axis) * _pose);
        }

        Quaternion Parent() => _bone!.parent != null ? _bone.parent.rotation : Quaternion.identity;

        bool Take(Transform? bone)
        {
            if (bone != _bone) Release();
            if (bone == null) return false;
            // What is not what was written here was written by someone else since: the pose of this frame.
            if (_bone == null || !Equal(bone.localRotation, _written)) _pose = bone.localRotation;
            _bone = bone;
            return true;
        }

        void Write(Quaternion rotation)
        {
            if (!Equal(_bone!.localRotation, rotation)) _bone.localRotation = rotation;
            _written = _bone.localRotation;
        }

        /// <summary>Give the bone back in its own pose.</summary>
        public void Release()
        {
            if (_bone != null && Equal(_bone.localRotation, _written)) _bone.localRotation = _pose;
            _bone = null;
        }

        // Compared by parts: Unity's == takes rotations that lie near each other for equal.
        static bool Equal(Quaternion a, Quaternion b) =>
            Mathf.Abs(a.x - b.x) < Same && Mathf.Abs(a.y - b.y) < Same && Mathf.Abs(a.z - b.z) < Same && Mathf.Abs(a.w - b.w) < Same;
    }
}
