#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// Which second of the stream the mixer is at, from the moments at which it asked for blocks.
    /// A callback can only come late, never early, so the lowest offset between the wall clock and the samples asked for
    /// is the true one; it is looked for over the last two seconds, so that the clock is right again soon after the mixer
    /// dropped out, and follows a sound card slower than the wall clock. Blocks that are asked for in one go count once, by
    /// the first. Written by one thread, read by any, without locks and without allocating.
    /// </summary>
    public sealed class PlayoutClock
    {
        const double Window = 2; // s in which the lowest offset is looked for
        const int Most = 1024; // wakes of the window that are kept
        const double Jump = 0.1; // s; an offset that rises by more is a new beginning (a pause, a device change)
        const double Grace = 0.025; // s beyond the last block's end that are still believed
        const double SameWake = 0.25; // of a block

        // The lowest offsets of the window, rising: the first is the lowest, each later one is newer and higher.
        readonly double[] _walls = new double[Most], _offsets = new double[Most];
        int _first, _count;
        double _lastWall = double.NaN;
        long _version;
        double _sharedOffset = double.NaN, _sharedEnd = double.NaN;

        /// <summary>Whether anything has been asked for since the last reset.</summary>
        public bool Running => !double.IsNaN(Offset(out _));

        /// <summary>The mixer asks, at <paramref name="wall"/> seconds, for <paramref name="length"/> seconds of the stream from <paramref name="start"/> on.</summary>
        public void OnBlock(double wall, double start, double length)
        {
            bool wake = double.IsNaN(_lastWall) || wall - _lastWall > SameWake * length;
            _lastWall = wall;
            if (wake)
            {
                double offset = wall - start;
                if (_count > 0 && offset - _offsets[_first] > Jump) _count = 0;
                while (_count > 0 && (wall - _walls[_first] > Window || _count == Most))
                {
                    _first = (_first + 1) % Most;
                    _count--;
                }
                while (_count > 0 && _offsets[(_first + _count - 1) % Most] >= offset) _count--;
                int slot = (_first + _count++) % Most;
                _walls[slot] = wall;
                _offsets[slot] = offset;
            }
            Publish(_offsets[_first], start + length);
        }

        public void Reset()
        {
            _count = 0;
            _lastWall = double.NaN;
            Publish(double.NaN, double.NaN);
        }

        /// <summary>Second of the stream that leaves the mixer at <paramref name="wall"/>; below 0 before it runs. Never beyond what was asked for.</summary>
        public double At(double wall)
        {
            double offset = Offset(out double end);
            return double.IsNaN(offset) ? -1 : Math.Min(wall - offset, end + Grace);
        }

        /// <summary>Second of the stream that will leave the mixer at <paramref name="wall"/>, also beyond what was asked for; NaN before it runs.</summary>
        public double Ahead(double wall) => wall - Offset(out _);

        // A sequence lock: the version is odd while the pair is being written.
        void Publish(double offset, double end)
        {
            Volatile.Write(ref _version, _version + 1);
            Thread.MemoryBarrier();
            Volatile.Write(ref _sharedOffset, offset);
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
