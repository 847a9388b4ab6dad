#nullable enable
using System;
using System.Text;

namespace CompanionBridge
{
    /// <summary>Strings read before, so that reading the same word again allocates nothing.</summary>
    internal sealed class StringTable
    {
        const int Slots = 1024;
        const int LongestKept = 40; // bytes
        static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        readonly string?[] _strings = new string?[Slots];
        readonly byte[]?[] _bytes = new byte[]?[Slots];

        /// <summary>The UTF-8 text at an offset; WireException when it is not UTF-8.</summary>
        public string Get(byte[] buffer, int offset, int count)
        {
            if (count == 0) return "";
            if (count > LongestKept) return Decode(buffer, offset, count);
            uint hash = 2166136261;
            for (int index = 0; index < count; index++) hash = (hash ^ buffer[offset + index]) * 16777619;
            int slot = (int)(hash % Slots);
            byte[]? known = _bytes[slot];
            if (known != null && Same(known, buffer, offset, count)) return _strings[slot]!;
            string text = Decode(buffer, offset, count);
            byte[] copy = new byte[count];
            Buffer.BlockCopy(buffer, offset, copy, 0, count);
            _bytes[slot] = copy;
            _strings[slot] = text;
            return text;
        }

        static bool Same(byte[] known, byte[] buffer, int offset, int count)
        {
            if (known.Length != count) return false;
            for (int index = 0; index < count; index++)
                if (known[index] != buffer[offset + index]) return false;
            return true;
        }

        static string Decode(byte[] buffer, int offset, int count)
        {
            try
            {
                return Strict.GetString(buffer, offset, count);
            }
            catch (ArgumentException error)
            {
                throw new WireException("a string is not UTF-8", error);
            }
        }
    }
}
