#nullable enable
using System;
using System.Text;

namespace CompanionBridge
{
    /// <summary>Writes MessagePack into a buffer of its own, which grows and is used again. Ints take their shortest form.</summary>
    public sealed class MessagePackWriter
    {
        static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>What was written, up to <see cref="Count"/>.</summary>
        public byte[] Buffer { get; private set; } = new byte[4096];

        /// <summary>Bytes written.</summary>
        public int Count { get; private set; }

        public void Clear() => Count = 0;

        public byte[] ToArray()
        {
            byte[] copy = new byte[Count];
            System.Buffer.BlockCopy(Buffer, 0, copy, 0, Count);
            return copy;
        }

        public void Nil() => Byte(0xc0);

        public void Bool(bool value) => Byte(value ? (byte)0xc3 : (byte)0xc2);

        public void Int(long value)
        {
            if (value > MessagePackReader.SafeInt || value < -MessagePackReader.SafeInt)
                throw new WireException("an int is beyond 2^53");
            if (value >= 0)
            {
                if (value <= 0x7f) Byte((byte)value);
                else if (value <= 0xff) Tagged(0xcc, 1, value);
                else if (value <= 0xffff) Tagged(0xcd, 2, value);
                else if (value <= 0xffffffffL) Tagged(0xce, 4, value);
                else Tagged(0xcf, 8, value);
            }
            else if (value >= -32) Byte((byte)value);
            else if (value >= sbyte.MinValue) Tagged(0xd0, 1, value);
            else if (value >= short.MinValue) Tagged(0xd1, 2, value);
            else if (value >= int.MinValue) Tagged(0xd2, 4, value);
            else Tagged(0xd3, 8, value);
        }

        public void Float(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value)) throw new WireException("a float is not finite");
            Tagged(0xcb, 8, BitConverter.DoubleToInt64Bits(value));
        }

        public void String(string text)
        {
            int count;
            try
            {
                count = Strict.GetByteCount(text);
            }
            catch (ArgumentException error)
            {
                throw new WireException("a string is not Unicode: it has half of a surrogate pair", error);
            }
            if (count <= 31) Byte((byte)(0xa0 | count));
            else if (count <= 0xff) Tagged(0xd9, 1, count);
            else if (count <= 0xffff) Tagged(0xda, 2, count);
            else Tagged(0xdb, 4, count);
            Reserve(count);
            Count += Strict.GetBytes(text, 0, text.Length, Buffer, Count);
        }

        public void Bytes(byte[] data, int offset, int count)
        {
            if (count <= 0xff) Tagged(0xc4, 1, count);
            else if (count <= 0xffff) Tagged(0xc5, 2, count);
            else Tagged(0xc6, 4, count);
            Reserve(count);
            System.Buffer.BlockCopy(data, offset, Buffer, Count, count);
            Count += count;
        }

        public void Array(int count)
        {
            if (count <= 15) Byte((byte)(0x90 | count));
            else if (count <= 0xffff) Tagged(0xdc, 2, count);
            else Tagged(0xdd, 4, count);
        }

        public void Map(int count)
        {
            if (count <= 15) Byte((byte)(0x80 | count));
            else if (count <= 0xffff) Tagged(0xde, 2, count);
            else Tagged(0xdf, 4, count);
        }

        /// <summary>Begin a map of up to 15 fields, whose number is told by <see cref="End"/>.</summary>
        public int Begin()
        {
            Byte(0x80);
            return Count - 1;
        }

        /// <summary>Write a field's name.</summary>
        public MessagePackWriter Field(int map, string name)
        {
            if ((Buffer[map] & 0x0f) == 15) throw new WireException("a map has more than 15 fields");
            Buffer[map]++;
            String(name);
            return this;
        }

        void Byte(byte value)
        {
            Reserve(1);
            Buffer[Count++] = value;
        }

        void Tagged(byte tag, int size, long value)
        {
            Reserve(1 + size);
            Buffer[Count++] = tag;
            for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) Buffer[Count++] = (byte)(value >> shift);
        }

        void Reserve(int more)
        {
            if (Count + more <= Buffer.Length) return;
            byte[] larger = new byte[Math.Max(2 * Buffer.Length, Count + more)];
            System.Buffer.BlockCopy(Buffer, 0, larger, 0, Count);
            Buffer = larger;
        }
    }
}
