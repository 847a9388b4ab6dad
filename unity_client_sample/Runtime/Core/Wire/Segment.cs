#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>A place in a byte array, valid for as long as its owner says.</summary>
    public readonly struct Segment
    {
        public readonly byte[] Buffer;
        public readonly int Offset;
        public readonly int Count;

        public Segment(byte[] buffer, int offset, int count)
        {
            Buffer = buffer;
            Offset = offset;
            Count = count;
        }

        public static Segment Empty => new Segment(Array.Empty<byte>(), 0, 0);

        /// <summary>Whether the bytes are this ASCII text.</summary>
        public bool Is(string ascii)
        {
            if (ascii.Length != Count) return false;
            for (int index = 0; index < Count; index++)
                if (Buffer[Offset + index] != ascii[index]) return false;
            return true;
        }

        /// <summary>A copy of the bytes.</summary>
        public byte[] ToArray()
        {
            byte[] copy = new byte[Count];
            System.Buffer.BlockCopy(Buffer, Offset, copy, 0, Count);
            return copy;
        }
    }
}
