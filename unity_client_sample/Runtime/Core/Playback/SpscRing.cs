#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>A bounded queue between one writing and one reading thread, without locks or allocation.</summary>
    public sealed class SpscRing<T> where T : struct
    {
        readonly T[] _items;
        readonly int _mask;
        long _written, _read;

        /// <summary><paramref name="capacity"/> is a power of two.</summary>
        public SpscRing(int capacity)
        {
            if (capacity <= 0 || (capacity & (capacity - 1)) != 0) throw new ArgumentException("capacity is not a power of two", nameof(capacity));
            _items = new T[capacity];
            _mask = capacity - 1;
        }

        public int Capacity => _items.Length;

        /// <summary>Items that wait, as either thread sees it now.</summary>
        public int Count => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

        /// <summary>False when it is full.</summary>
        public bool TryWrite(in T item)
        {
            long written = _written;
            if (written - Volatile.Read(ref _read) >= _items.Length) return false;
            _items[(int)written & _mask] = item;
            Volatile.Write(ref _written, written + 1);
            return true;
        }

        public bool TryPeek(out T item)
        {
            long read = _read;
            if (Volatile.Read(ref _written) == read)
            {
                item = default;
                return false;
            }
            item = _items[(int)read & _mask];
            return true;
        }

        public bool TryRead(out T item)
        {
            if (!TryPeek(out item)) return false;
            Volatile.Write(ref _read, _read + 1);
            return true;
        }
    }
}
