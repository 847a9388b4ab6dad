#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>What the next MessagePack value is.</summary>
    public enum WireType { Nil, Bool, Int, Float, String, Bytes, Array, Map }

    /// <summary>
    /// Reads MessagePack from a byte array without allocating; every malformed input is a WireException.
    /// Carries the types of the protocol only: no extension types, ints within ±2^53, finite floats, UTF-8 strings.
    /// Source: the MessagePack specification, github.com/msgpack/msgpack/blob/master/spec.md.
    /// </summary>
    public sealed class MessagePackReader
    {
        /// <summary>Largest magnitude of an int.</summary>
        public const long SafeInt = 1L << 53;

        readonly StringTable _strings = new StringTable();
        byte[] _buffer = Array.Empty<byte>();
        int _end;

        /// <summary>Where the next value begins.</summary>
        public int Position { get; set; }

        /// <summary>The bytes that are being read.</summary>
        public byte[] Buffer => _buffer;

        /// <summary>Whether everything has been read.</summary>
        public bool AtEnd => Position >= _end;

        /// <summary>Bytes that remain.</summary>
        public int Left => _end - Position;

        /// <summary>Read from <paramref name="count"/> bytes of a buffer.</summary>
        public void Reset(byte[] buffer, int offset, int count)
        {
            if (offset < 0 || count < 0 || offset > buffer.Length - count) throw new ArgumentOutOfRangeException(nameof(count));
            _buffer = buffer;
            Position = offset;
            _end = offset + count;
        }

        /// <summary>The type of the next value, which is not consumed.</summary>
        public WireType Peek()
        {
            byte head = Head();
            if (head <= 0x7f || head >= 0xe0) return WireType.Int;
            if (head <= 0x8f) return WireType.Map;
            if (head <= 0x9f) return WireType.Array;
            if (head <= 0xbf) return WireType.String;
            switch (head)
            {
                case 0xc0: return WireType.Nil;
                case 0xc2: case 0xc3: return WireType.Bool;
                case 0xc4: case 0xc5: case 0xc6: return WireType.Bytes;
                case 0xca: case 0xcb: return WireType.Float;
                case 0xcc: case 0xcd: case 0xce: case 0xcf:
                case 0xd0: case 0xd1: case 0xd2: case 0xd3: return WireType.Int;
                case 0xd9: case 0xda: case 0xdb: return WireType.String;
                case 0xdc: case 0xdd: return WireType.Array;
                case 0xde: case 0xdf: return WireType.Map;
                default: throw new WireException("type byte 0x" + head.ToString("x2") + " is not of the protocol");
            }
        }

        /// <summary>Consume a nil if it is next.</summary>
        public bool TryNil()
        {
            if (Head() != 0xc0) return false;
            Position++;
            return true;
        }

        public bool ReadBool()
        {
            byte head = Head();
            if (head != 0xc2 && head != 0xc3) throw Wrong("a bool");
            Position++;
            return head == 0xc3;
        }

        /// <summary>An int in any of its formats, within ±2^53.</summary>
        public long ReadInt()
        {
            byte head = Head();
            if (head <= 0x7f) { Position++; return head; }
            if (head >= 0xe0) { Position++; return (sbyte)head; }
            long value;
            switch (head)
            {
                case 0xcc: return (long)Big(1);
                case 0xcd: return (long)Big(2);
                case 0xce: return (long)Big(4);
                case 0xd0: return (sbyte)Big(1);
                case 0xd1: return (short)Big(2);
                case 0xd2: return (int)Big(4);
                case 0xcf:
                    ulong wide = Big(8);
                    if (wide > (ulong)SafeInt) throw new WireException("an int is beyond 2^53");
                    return (long)wide;
                case 0xd3:
                    value = (long)Big(8);
                    if (value > SafeInt || value < -SafeInt) throw new WireException("an int is beyond 2^53");
                    return value;
                default: throw Wrong("an int");
            }
        }

        /// <summary>A finite float; an int is as good.</summary>
        public double ReadFloat()
        {
            byte head = Head();
            double value;
            if (head == 0xcb) value = BitConverter.Int64BitsToDouble((long)Big(8));
            else if (head == 0xca) value = BitConverter.Int32BitsToSingle((int)Big(4));
            else return ReadInt();
            if (double.IsNaN(value) || double.IsInfinity(value)) throw new WireException("a float is not finite");
            return value;
        }

        public string ReadString()
        {
            int count = StringHeader();
            string text = _strings.Get(_buffer, Position, count);
            Position += count;
            return text;
        }

        /// <summary>Bytes, as a place in <see cref="Buffer"/>.</summary>
        public Segment ReadBytes()
        {
            byte head = Head();
            int size = head == 0xc4 ? 1 : head == 0xc5 ? 2 : head == 0xc6 ? 4 : 0;
            if (size == 0) throw Wrong("bytes");
            int count = Length(size);
            Segment place = new Segment(_buffer, Position, count);
            Position += count;
            return place;
        }

        /// <summary>The number of items that follow.</summary>
        public int ReadArray()
        {
            byte head = Head();
            if ((head & 0xf0) == 0x90) { Position++; return Items(head & 0x0f, 1); }
            if (head == 0xdc) return Items((long)Big(2), 1);
            if (head == 0xdd) return Items((long)Big(4), 1);
            throw Wrong("a list");
        }

        /// <summary>The number of key and value pairs that follow.</summary>
        public int ReadMap()
        {
            byte head = Head();
            if ((head & 0xf0) == 0x80) { Position++; return Items(head & 0x0f, 2); }
            if (head == 0xde) return Items((long)Big(2), 2);
            if (head == 0xdf) return Items((long)Big(4), 2);
            throw Wrong("a map");
        }

        /// <summary>A key, as a place in <see cref="Buffer"/>, to be compared with <see cref="Segment.Is"/>.</summary>
        public Segment ReadKey()
        {
            int count = StringHeader();
            Segment place = new Segment(_buffer, Position, count);
            Position += count;
            return place;
        }

        /// <summary>Pass over the next value, whatever it holds.</summary>
        public void Skip()
        {
            for (long left = 1; left > 0; left--)
            {
                switch (Peek())
                {
                    case WireType.Nil: case WireType.Bool: Position++; break;
                    case WireType.Int: ReadInt(); break;
                    case WireType.Float: ReadFloat(); break;
                    case WireType.String: ReadKey(); break;
                    case WireType.Bytes: ReadBytes(); break;
                    case WireType.Array: left += ReadArray(); break;
                    default: left += 2L * ReadMap(); break;
                }
            }
        }

        byte Head()
        {
            if (Position >= _end) throw new WireException("the message is cut short");
            return _buffer[Position];
        }

        ulong Big(int size)
        {
            if (size > _end - Position - 1) throw new WireException("the message is cut short");
            ulong value = 0;
            for (int index = 1; index <= size; index++) value = value << 8 | _buffer[Position + index];
            Position += 1 + size;
            return value;
        }

        int StringHeader()
        {
            byte head = Head();
            if ((head & 0xe0) == 0xa0)
            {
                Position++;
                return Fits(head & 0x1f);
            }
            int size = head == 0xd9 ? 1 : head == 0xda ? 2 : head == 0xdb ? 4 : 0;
            if (size == 0) throw Wrong("a string");
            return Length(size);
        }

        int Length(int size) => Fits((long)Big(size));

        int Fits(long count)
        {
            if (count > _end - Position) throw new WireException("the message is cut short");
            return (int)count;
        }

        // Each item takes a byte at least, so no header can promise more than there is.
        int Items(long count, int each)
        {
            if (count * each > _end - Position) throw new WireException("the message is cut short");
            return (int)count;
        }

        WireException Wrong(string wanted) => new WireException("found " + Peek() + " where " + wanted + " is due");
    }
}
