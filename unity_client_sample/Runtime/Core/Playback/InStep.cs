#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// Keeps one device in step with all others of a room: by the server's clock, whatever its own clock and sound card do.
    /// Give it the answers to pings; ask it when a moment of the server's clock is due here, and how fast to play. <c>now</c> is
    /// ms of the device's own clock. One thread at a time.
    /// </summary>
    public sealed class InStep
    {
        const int Kept = 10; // pings that are looked at
        const double EveryMs = 2000;
        const double FirstMs = 200;
        const double OffMs = 4; // how far beside the instant is too far ...
        const double ThereMs = 0.5; // ... and how near is near enough
        const double Nudge = 0.01; // how much faster or slower is played meanwhile: nobody hears it
        const double FarMs = 250; // from where on it is quicker to skip, or to wait

        readonly double[] _trips = new double[Kept], _offsets = new double[Kept];
        int _count, _next;
        double _pinged = double.NegativeInfinity, _nudging;

        /// <summary>Whether a ping is due, and note that it is sent: quickly at first, until the line is known.</summary>
        public bool Due(double now)
        {
            if (now - _pinged < (_count < Kept ? FirstMs : EveryMs)) return false;
            _pinged = now;
            return true;
        }

        /// <summary>Take the answer to the ping that was sent at <paramref name="stamp"/>.</summary>
        public void Pong(double stamp, double server, double now)
        {
            if (!(now >= stamp)) return;
            _trips[_next] = now - stamp;
            _offsets[_next] = server - (stamp + now) / 2;
            _next = (_next + 1) % Kept;
            _count = Math.Min(Kept, _count + 1);
        }

        /// <summary>Whether the server's clock is known.</summary>
        public bool Known => _count > 0;

        /// <summary>How far the server's clock is ahead of this one, ms: by the quickest answer, of equals the oldest.</summary>
        public double Offset
        {
            get
            {
                int best = -1;
                for (int index = 0; index < _count; index++)
                {
                    int slot = (_next - _count + index + 2 * Kept) % Kept;
                    if (best < 0 || _trips[slot] < _trips[best]) best = slot;
                }
                return best < 0 ? 0 : _offsets[best];
            }
        }

        /// <summary>When the instant <paramref name="at"/> of the server's clock (ms, as <c>media.at</c>) comes on this device's clock.</summary>
        public double Here(double at) => at - Offset;

        /// <summary>How fast to play where what is heard at <paramref name="now"/> is due at <paramref name="at"/>: 1 as it is, 0 to wait, infinity to skip.</summary>
        public double Speed(double at, double now)
        {
            if (!Known) return 1;
            double late = now - Here(at);
            if (Math.Abs(late) > FarMs)
            {
                _nudging = 0;
                return late > 0 ? double.PositiveInfinity : 0;
            }
            if (Math.Abs(late) > OffMs) _nudging = late > 0 ? Nudge : -Nudge;
            else if (Math.Abs(late) < ThereMs || late * _nudging < 0) _nudging = 0;
            return 1 + _nudging;
        }
    }
}
