#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>Messages between the thread that receives and the one that shows, as bytes: bounded, without locks or allocation.</summary>
    internal sealed class MessageInbox
    {
        readonly byte[] _ring;
        readonly int _mask;
        long _written, _read;
        byte[] _scratch = new byte[1 << 14];
        int _lost;

        /// <summary><paramref name="capacity"/> is a power of two, in bytes.</summary>
        public MessageInbox(int capacity)
        {
            _ring = new byte[capacity];
            _mask = capacity - 1;
        }

        /// <summary>Messages that found no room, because the showing thread stood still for long.</summary>
        public int Lost => Volatile.Read(ref _lost);

        public bool TryWrite(byte[] buffer, int offset, int count)
        {
            if (count + 4 > _ring.Length - (_written - Volatile.Read(ref _read)))
            {
                Volatile.Write(ref _lost, _lost + 1);
                return false;
            }
            long at = _written;
            for (int shift = 0; shift < 32; shift += 8) _ring[(int)at++ & _mask] = (byte)(count >> shift);
            int slot = (int)at & _mask, first = Math.Min(count, _ring.Length - slot);
            Buffer.BlockCopy(buffer, offset, _ring, slot, first);
            Buffer.BlockCopy(buffer, offset + first, _ring, 0, count - first);
            Volatile.Write(ref _written, at + count);
            return true;
        }

        /// <summary>The next message, valid until the next call; null when none waits.</summary>
        public byte[]? TryRead(out int count)
        {
            count = 0;
            long at = _read;
            if (Volatile.Read(ref _written) == at) return null;
            for (int shift = 0; shift < 32; shift += 8) count |= _ring[(int)at++ & _mask] << shift;
            if (_scratch.Length < count) _scratch = new byte[Math.Max(count, 2 * _scratch.Length)];
            int slot = (int)at & _mask, first = Math.Min(count, _ring.Length - slot);
            Buffer.BlockCopy(_ring, slot, _scratch, 0, first);
            Buffer.BlockCopy(_ring, 0, _scratch, first, count - first);
            Volatile.Write(ref _read, at + count);
            return _scratch;
        }
    }
}
