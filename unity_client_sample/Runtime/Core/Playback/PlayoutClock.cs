#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// Which second of the stream the mixer is at, from the moments at which it asked for blocks.
    /// A callback can only come late, never early, so the lowest offset between the wall clock and the samples asked for
    /// is the true one (a lower envelope); it may rise by 200 ppm, to follow a sound card slower than the wall clock.
    /// Blocks that are asked for in one go count once, by the first. Written by one thread, read by any, without locks.
    /// </summary>
    public sealed class PlayoutClock
    {
        const double Creep = 200e-6;
        const double Jump = 0.1; // s; an offset that rises by more is a new beginning (a pause, a device change)
        const double Grace = 0.025; // s beyond the last block's end that are still believed
        const double SameWake = 0.25; // of a block

        double _offset = double.NaN, _lastWall, _wakeWall;
        long _version;
        double _sharedOffset = double.NaN, _sharedEnd = double.NaN;

        /// <summary>Whether anything has been asked for since the last reset.</summary>
        public bool Running => !double.IsNaN(Offset(out _));

        /// <summary>The mixer asks, at <paramref name="wall"/> seconds, for <paramref name="length"/> seconds of the stream from <paramref name="start"/> on.</summary>
        public void OnBlock(double wall, double start, double length)
        {
            bool wake = double.IsNaN(_offset) || wall - _lastWall > SameWake * length;
            _lastWall = wall;
            if (wake)
            {
                double offset = wall - start;
                if (double.IsNaN(_offset) || offset < _offset || offset - _offset > Jump) _offset = offset;
                else _offset += Math.Min(offset - _offset, Creep * (wall - _wakeWall));
                _wakeWall = wall;
            }
            Publish(start + length);
        }

        public void Reset()
        {
            _offset = double.NaN;
            Publish(double.NaN);
        }

        /// <summary>Second of the stream that leaves the mixer at <paramref name="wall"/>; below 0 before it runs. Never beyond what was asked for.</summary>
        public double At(double wall)
        {
            double offset = Offset(out double end);
            return double.IsNaN(offset) ? -1 : Math.Min(wall - offset, end + Grace);
        }

        // A sequence lock: the version is odd while the pair is being written.
        void Publish(double end)
        {
            Volatile.Write(ref _version, _version + 1);
            Thread.MemoryBarrier();
            Volatile.Write(ref _sharedOffset, _offset);
            Volatile.Write(ref _sharedEnd, end);
            Thread.MemoryBarrier();
            Volatile.Write(ref _version, _version + 1);
        }

        double Offset(out double end)
        {
            while (true)
            {
                long before = Volatile.Read(ref _version);
                double offset = Volatile.Read(ref _sharedOffset);
                end = Volatile.Read(ref _sharedEnd);
                Thread.MemoryBarrier();
                if ((before & 1) == 0 && Volatile.Read(ref _version) == before) return offset;
            }
        }
    }
}
