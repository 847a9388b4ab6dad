#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// Face frames between replies, on a clock of the server's that no sound carries: a network only ever delays, so the
    /// earliest arrival tells that clock, and frames are shown a fixed time after it.
    /// </summary>
    internal sealed class IdleLife
    {
        const double Late = 0.15; // s after the earliest arrival
        const double Gone = 0.25; // s without a frame, after which it is over
        const double Rise = 0.00005; // s that the offset may rise for each message, to follow the clocks' drift

        readonly FaceFormat _format;
        readonly long[] _index;
        readonly byte[] _rows;
        readonly byte[] _last;
        double _offset = double.PositiveInfinity, _lastAt = double.NegativeInfinity;

        public IdleLife(FaceFormat format)
        {
            _format = format;
            _index = new long[Math.Max(1, format.Fps)]; // a second at most
            _rows = new byte[_index.Length * format.Width];
            _last = new byte[format.Width];
            Clear();
        }

        public void Clear()
        {
            for (int slot = 0; slot < _index.Length; slot++) _index[slot] = -1;
            _offset = double.PositiveInfinity;
            _lastAt = double.NegativeInfinity;
        }

        public void Add(long pts, in Segment face, double now)
        {
            int width = _format.Width;
            if (width == 0 || face.Count < width) return;
            double at = pts / (double)Ticks.PerSecond;
            _offset = Math.Min(now - at, _offset + Rise);
            long first = (pts * _format.Fps + Ticks.PerSecond / 2) / Ticks.PerSecond;
            for (int frame = 0; (frame + 1) * width <= face.Count; frame++)
            {
                int slot = (int)((first + frame) % _index.Length);
                _index[slot] = first + frame;
                Buffer.BlockCopy(face.Buffer, face.Offset + frame * width, _rows, slot * width, width);
            }
        }

        /// <summary>Whether there is life to show at <paramref name="now"/>; what ran out is not held, since it may have stopped in a blink.</summary>
        public bool Living(double now)
        {
            long index = (long)Math.Floor(Place(now));
            if (Has(index))
            {
                Buffer.BlockCopy(_rows, (int)(index % _index.Length) * _format.Width, _last, 0, _format.Width);
                _lastAt = now;
            }
            return now - _lastAt < Gone;
        }

        public void Sample(double now, float[] into)
        {
            double position = Place(now);
            long index = (long)Math.Floor(position);
            bool blend = Has(index) && Has(index + 1);
            int next = blend ? (int)((index + 1) % _index.Length) * _format.Width : 0;
            for (int channel = 0; channel < _format.Width; channel++)
            {
                double octet = _last[channel];
                if (blend) octet += (_rows[next + channel] - octet) * (position - index);
                into[channel] = _format.Weight(channel, octet);
            }
        }

        double Place(double now) => double.IsInfinity(_offset) ? -1 : (now - _offset - Late) * _format.Fps;

        bool Has(long index) => index >= 0 && _index[(int)(index % _index.Length)] == index;
    }
}
