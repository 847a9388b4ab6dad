#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// Samples between one writing and one reading thread. Positions count from the first sample ever written; what lies
    /// before <see cref="Free"/> may be overwritten.
    /// </summary>
    public sealed class SampleRing
    {
        readonly short[] _samples;
        readonly int _mask;
        long _written, _freed;

        /// <summary><paramref name="capacity"/> is a power of two.</summary>
        public SampleRing(int capacity)
        {
            if (capacity <= 0 || (capacity & (capacity - 1)) != 0) throw new ArgumentException("capacity is not a power of two", nameof(capacity));
            _samples = new short[capacity];
            _mask = capacity - 1;
        }

        public int Capacity => _samples.Length;

        public int Used => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _freed));

        /// <summary>Where the next sample is written; the writing thread's.</summary>
        public long Written => _written;

        /// <summary>Append s16le samples; false, and nothing is written, when they do not fit.</summary>
        public bool TryWrite(in Segment pcm)
        {
            int count = pcm.Count / 2;
            if (count > _samples.Length - (_written - Volatile.Read(ref _freed))) return false;
            byte[] from = pcm.Buffer;
            int at = pcm.Offset;
            int slot = (int)_written & _mask;
            for (int index = 0; index < count; index++, at += 2)
            {
                _samples[slot] = (short)(from[at] | from[at + 1] << 8);
                slot = slot + 1 & _mask;
            }
            Volatile.Write(ref _written, _written + count);
            return true;
        }

        /// <summary>Copy samples from a position; the reading thread's.</summary>
        public void Copy(long position, short[] into, int offset, int count)
        {
            int slot = (int)position & _mask;
            int first = Math.Min(count, _samples.Length - slot);
            Array.Copy(_samples, slot, into, offset, first);
            Array.Copy(_samples, 0, into, offset + first, count - first);
        }

        /// <summary>Everything before a position is done with; the reading thread's.</summary>
        public void Free(long position) => Volatile.Write(ref _freed, position);
    }
}
