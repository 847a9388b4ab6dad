#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>A word or a cue with its place in a turn.</summary>
    internal struct Mark
    {
        public long Pts, End;
        public string Text, Gap;
        public bool IsWord, Emotion;
        public float Intensity;
    }

    /// <summary>Face frames, words and cues of one turn, until they are heard. Used again for another turn.</summary>
    internal sealed class TurnTrack
    {
        const int Least = 1024; // frames
        const int Most = 8192;

        readonly int _width;
        long[] _index = Array.Empty<long>(); // of the frame in each slot; -1: none
        byte[] _rows = Array.Empty<byte>();
        FaceSource[] _sources = Array.Empty<FaceSource>();
        readonly byte[] _held;
        readonly List<Mark> _marks = new List<Mark>(256);
        int _nextMark;
        long _shown = -1; // the newest frame that was shown

        public TurnTrack(int width)
        {
            _width = width;
            _held = new byte[width];
        }

        public long Number { get; private set; }

        /// <summary>Whether any frame has come.</summary>
        public bool HasFace { get; private set; }

        /// <summary>How the shown frame knows the sounds.</summary>
        public FaceSource Source { get; private set; }

        public void Begin(long number)
        {
            Number = number;
            HasFace = false;
            Source = FaceSource.None;
            _shown = -1;
            _marks.Clear();
            _nextMark = 0;
            for (int slot = 0; slot < _index.Length; slot++) _index[slot] = -1;
        }

        public void AddFrames(long first, in Segment face, FaceSource source)
        {
            int count = _width == 0 ? 0 : face.Count / _width;
            for (int frame = 0; frame < count; frame++)
            {
                long index = first + frame;
                if (!Room(index)) return;
                int slot = (int)(index % _index.Length);
                _index[slot] = index;
                _sources[slot] = source;
                Buffer.BlockCopy(face.Buffer, face.Offset + frame * _width, _rows, slot * _width, _width);
                HasFace = true;
            }
        }

        // A slot that holds a frame not shown yet must not be taken: the ring grows instead, up to a bound.
        bool Room(long index)
        {
            while (true)
            {
                if (_index.Length > 0)
                {
                    long there = _index[(int)(index % _index.Length)];
                    if (there < 0 || there == index || there <= _shown) return true;
                    if (_index.Length >= Most) return false;
                }
                Grow();
            }
        }

        void Grow()
        {
            int size = Math.Max(Least, 2 * _index.Length);
            long[] index = new long[size];
            byte[] rows = new byte[size * _width];
            FaceSource[] sources = new FaceSource[size];
            for (int slot = 0; slot < size; slot++) index[slot] = -1;
            for (int old = 0; old < _index.Length; old++)
            {
                if (_index[old] < 0) continue;
                int slot = (int)(_index[old] % size);
                index[slot] = _index[old];
                sources[slot] = _sources[old];
                Buffer.BlockCopy(_rows, old * _width, rows, slot * _width, _width);
            }
            _index = index;
            _rows = rows;
            _sources = sources;
        }

        public void Add(in Mark mark)
        {
            if (_nextMark >= 64)
            {
                _marks.RemoveRange(0, _nextMark);
                _nextMark = 0;
            }
            int at = _marks.Count;
            while (at > _nextMark && _marks[at - 1].Pts > mark.Pts) at--;
            _marks.Insert(at, mark);
        }

        public void DropMarks() => _nextMark = _marks.Count;

        /// <summary>The next word or cue that is due at a position in ticks.</summary>
        public bool NextMark(double pts, out Mark mark)
        {
            mark = default;
            if (_nextMark >= _marks.Count || _marks[_nextMark].Pts > pts) return false;
            mark = _marks[_nextMark++];
            return true;
        }

        /// <summary>Blend the two frames around a position, in frames, into weights; where frames are missing the last is held.</summary>
        public void Sample(double position, FaceFormat format, float[] into)
        {
            long index = (long)Math.Floor(position);
            long found = index;
            while (found > _shown && !Has(found)) found--;
            if (found > _shown || Has(found)) Hold(found);
            bool blend = found == index && Has(index) && Has(index + 1);
            double share = position - index;
            int next = blend ? (int)((index + 1) % _index.Length) * _width : 0;
            for (int channel = 0; channel < _width; channel++)
            {
                double octet = _held[channel];
                if (blend) octet += (_rows[next + channel] - octet) * share;
                into[channel] = _shown < 0 ? 0 : format.Weight(channel, octet);
            }
        }

        bool Has(long index) => index >= 0 && _index.Length > 0 && _index[(int)(index % _index.Length)] == index;

        void Hold(long index)
        {
            if (!Has(index)) return;
            int slot = (int)(index % _index.Length);
            Buffer.BlockCopy(_rows, slot * _width, _held, 0, _width);
            Source = _sources[slot];
            _shown = index;
        }
    }
}
