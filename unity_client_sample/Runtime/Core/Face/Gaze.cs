#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// Where the eyes and the head go: to a target, with small saccades around it, and away from it now and then, most while
    /// thinking. Eyes lead and the head follows; angles in radians, yaw to the face's own left, pitch up, in the space of the neck.
    /// </summary>
    public sealed class Gaze
    {
        const float EyeMost = 0.52f; // 30 degrees: the weight 1 of ARKit's eyeLook shapes
        const double SaccadeSpeed = 9; // rad/s
        const double HeadTime = 0.28; // s to 63 %

        readonly Random _random;
        double _fixation, _away, _eyeYaw, _eyePitch, _headYaw, _headPitch;
        double _offsetYaw, _offsetPitch, _awayYaw, _awayPitch;

        public Gaze(int seed) => _random = new Random(seed);

        /// <summary>Share of the target's angle that the head takes over, 0..1.</summary>
        public float HeadShare { get; set; } = 0.6f;

        /// <summary>Furthest that the head turns, rad.</summary>
        public float HeadMost { get; set; } = 0.7f;

        public float HeadYaw => (float)_headYaw;
        public float HeadPitch => (float)_headPitch;

        /// <summary>The eyes relative to the head.</summary>
        public float EyeYaw => (float)_eyeYaw;
        public float EyePitch => (float)_eyePitch;

        /// <summary>Go on by <paramref name="seconds"/> towards a target; without one the eyes rest ahead.</summary>
        public void Step(double seconds, bool target, double yaw, double pitch, CompanionState state)
        {
            Wander(seconds, state);
            double share = _away > 0 ? 0 : 1;
            double wantedYaw = (target ? yaw : 0) * share + (_away > 0 ? (target ? yaw : 0) + _awayYaw : 0);
            double wantedPitch = (target ? pitch : 0) * share + (_away > 0 ? (target ? pitch : 0) + _awayPitch : 0);
            double head = target && _away <= 0 ? HeadShare : HeadShare * 0.4;
            double ease = 1 - Math.Exp(-seconds / HeadTime);
            _headYaw += (Clamp(wantedYaw * head, HeadMost) - _headYaw) * ease;
            _headPitch += (Clamp(wantedPitch * head, HeadMost * 0.6) - _headPitch) * ease;
            // The eyes make up for what the head has not turned yet.
            double most = SaccadeSpeed * seconds;
            _eyeYaw += Clamp(Clamp(wantedYaw + _offsetYaw - _headYaw, EyeMost) - _eyeYaw, most);
            _eyePitch += Clamp(Clamp(wantedPitch + _offsetPitch - _headPitch, EyeMost * 0.8) - _eyePitch, most);
        }

        void Wander(double seconds, CompanionState state)
        {
            _fixation -= seconds;
            if (_fixation <= 0)
            {
                _fixation = 0.4 + 1.4 * _random.NextDouble();
                _offsetYaw = 0.03 * Bell();
                _offsetPitch = 0.02 * Bell();
            }
            _away -= seconds;
            // Listeners look longer than speakers; thinkers look away.
            double between = state == CompanionState.Thinking ? 1.2 : state == CompanionState.Speaking ? 4 : 9;
            if (_away > 0 || _random.NextDouble() > seconds / between) return;
            _away = 0.5 + 1.2 * _random.NextDouble();
            _awayYaw = (_random.Next(2) == 0 ? -1 : 1) * (0.15 + 0.2 * _random.NextDouble());
            _awayPitch = state == CompanionState.Thinking ? 0.1 + 0.15 * _random.NextDouble() : 0.05 * Bell();
        }

        double Bell() => _random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5;

        static double Clamp(double value, double most) => Math.Min(most, Math.Max(-most, value));

        /// <summary>Write the eyes' direction into the eyeLook channels of a face; <paramref name="channels"/> from <see cref="EyeChannels"/>.</summary>
        public void Write(float[] weights, int[] channels, float share)
        {
            float yaw = (float)_eyeYaw / EyeMost, pitch = (float)_eyePitch / (EyeMost * 0.8f);
            // Left, then right: down, in, out, up. To the face's own left the left eye looks out, the right one in.
            Set(weights, channels[0], -pitch, share);
            Set(weights, channels[1], -yaw, share);
            Set(weights, channels[2], yaw, share);
            Set(weights, channels[3], pitch, share);
            Set(weights, channels[4], -pitch, share);
            Set(weights, channels[5], yaw, share);
            Set(weights, channels[6], -yaw, share);
            Set(weights, channels[7], pitch, share);
        }

        /// <summary>Places of the eyeLook channels, -1 where there is none.</summary>
        public static int[] EyeChannels(FaceFormat format)
        {
            string[] names = { "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight" };
            int[] found = new int[names.Length];
            for (int index = 0; index < names.Length; index++) found[index] = format.IndexOf(names[index]);
            return found;
        }

        static void Set(float[] weights, int channel, float value, float share)
        {
            if (channel < 0) return;
            value = Math.Min(1, Math.Max(0, value));
            weights[channel] += (value - weights[channel]) * share;
        }
    }
}
