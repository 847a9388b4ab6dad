#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace CompanionBridge
{
    /// <summary>
    /// What was heard and shown, for a look at it afterwards: reply.wav with the turns one after the other, 0.3 s of silence
    /// between them, and face.csv, whose row i covers i / fps of that sound. The same rules and files as the bridge's own
    /// <c>companion run --record</c>. It takes a lock in the audio thread: a tool for development, not for a shipped game.
    /// </summary>
    public sealed class Recording : IAirTap
    {
        const double Gap = 0.3; // s
        const double Most = 1800; // s
        const int Room = 300, Least = 30; // s that are made room for at once, and left when more is made
        const double Ease = 0.2, EaseCut = 0.1; // s

        readonly object _gate = new object();
        readonly FaceFormat _face;
        readonly int _rate;
        readonly MemoryStream _pcm;
        readonly List<float> _weights;
        readonly Stack<byte[]> _spare = new Stack<byte[]>(); // rows that were shown
        readonly Stack<SortedList<long, byte[]>> _spareRows = new Stack<SortedList<long, byte[]>>();
        readonly Dictionary<long, SortedList<long, byte[]>> _rows = new Dictionary<long, SortedList<long, byte[]>>();
        readonly Dictionary<long, long> _begun = new Dictionary<long, long>(); // turn -> frames shown
        byte[]? _row; // on the face
        long _easeAir = -1, _easeFrom, _easeFirst, _heard;
        int _easeSteps;
        byte[] _scratch = new byte[1 << 13];

        public Recording(FaceFormat face, int rate)
        {
            _face = face;
            _rate = rate;
            _pcm = new MemoryStream(2 * rate * Room);
            _weights = new List<float>(face.Width * face.Fps * Room);
        }

        /// <summary>Make room for more before there is none, on the thread that shows: the sound thread must not.</summary>
        public void Step()
        {
            lock (_gate)
            {
                if (!Full && _pcm.Capacity - _pcm.Length < 2L * _rate * Least) _pcm.Capacity += 2 * _rate * Room;
                int row = _face.Width * _face.Fps;
                if (!Full && _weights.Capacity - _weights.Count < row * Least) _weights.Capacity += row * Room;
            }
        }

        /// <summary>Half an hour is recorded; no more is taken.</summary>
        public bool Full { get; private set; }

        public double Seconds { get { lock (_gate) return Samples / (double)_rate; } }

        long Samples => _pcm.Length / 2;

        /// <summary>Face frames of a reply, as they came; on the thread that receives.</summary>
        public void OnMedia(in Media media)
        {
            int width = _face.Width;
            if (media.Turn == 0 || width == 0) return;
            lock (_gate)
            {
                if (!_rows.TryGetValue(media.Turn, out SortedList<long, byte[]>? rows)) _rows[media.Turn] = rows = _spareRows.Count > 0 ? _spareRows.Pop() : new SortedList<long, byte[]>();
                long first = (long)Math.Round(media.FacePts * (double)_face.Fps / Ticks.PerSecond);
                for (int frame = 0; (frame + 1) * width <= media.Face.Count; frame++)
                {
                    if (!rows.TryGetValue(first + frame, out byte[]? row)) rows[first + frame] = row = _spare.Count > 0 ? _spare.Pop() : new byte[width];
                    Buffer.BlockCopy(media.Face.Buffer, media.Face.Offset + frame * width, row, 0, width);
                }
            }
        }

        public void OnSound(long turn, long sample, short[] air, int offset, int count)
        {
            lock (_gate)
            {
                int room = (int)Math.Max(0, Math.Min(count, (long)(Most * _rate) - Samples));
                Full |= room < count;
                if (_scratch.Length < 2 * room) _scratch = new byte[2 * room];
                Buffer.BlockCopy(air, 2 * offset, _scratch, 0, 2 * room);
                _pcm.Write(_scratch, 0, 2 * room);
                _heard = sample + count;
                Frames(turn);
            }
        }

        public void OnPoint(in Point point)
        {
            lock (_gate)
            {
                if (point.Kind == PointKind.Run && !_begun.ContainsKey(point.Turn)) Begin(point);
                else if (point.Kind == PointKind.End) End(point);
            }
        }

        void Begin(in Point point)
        {
            if (_easeAir >= 0) EaseUntil(point.Air);
            Close(_pcm.Length > 0);
            _begun[point.Turn] = 0;
            if (_row != null) _spare.Push(_row);
            _row = null;
            _heard = 0;
        }

        void End(in Point point)
        {
            Forget(point.Turn);
            if (!_begun.TryGetValue(point.Turn, out long shown)) return;
            if (_row == null) return;
            _easeAir = point.Air;
            _easeFrom = point.Sample;
            _easeFirst = shown;
            _easeSteps = (int)Math.Max(1, Math.Round((point.Cut ? EaseCut : Ease) * _face.Fps));
        }

        // The frames that fall due with what was heard; a missing one holds the one before.
        void Frames(long turn)
        {
            if (_face.Width == 0 || !_begun.TryGetValue(turn, out long shown)) return;
            _rows.TryGetValue(turn, out SortedList<long, byte[]>? rows);
            while (shown * _rate < _heard * _face.Fps)
            {
                while (rows != null && rows.Count > 0 && rows.Keys[0] <= shown)
                {
                    Show(rows.Values[0]);
                    rows.RemoveAt(0);
                }
                Add(_row, 1);
                shown++;
            }
            _begun[turn] = shown;
        }

        void Show(byte[] row)
        {
            if (_row != null) _spare.Push(_row);
            _row = row;
        }

        void Forget(long turn)
        {
            if (!_rows.TryGetValue(turn, out SortedList<long, byte[]>? rows)) return;
            for (int index = 0; index < rows.Count; index++) _spare.Push(rows.Values[index]);
            rows.Clear();
            _spareRows.Push(rows);
            _rows.Remove(turn);
        }

        void EaseUntil(long air)
        {
            long at = _easeFrom + air - _easeAir;
            for (int step = 0; step < _easeSteps && (_easeFirst + step) * _rate < at * _face.Fps; step++) Add(_row, 1 - (step + 1) / (double)_easeSteps);
            _easeAir = -1;
        }

        void Add(byte[]? row, double share)
        {
            if (Full) return;
            for (int channel = 0; channel < _face.Width; channel++)
            {
                double weight = row == null ? 0 : _face.Low[channel] + (_face.High[channel] - _face.Low[channel]) * row[channel] / 255;
                _weights.Add((float)(share * weight));
            }
        }

        // Bring the frames to the end of the sound, and with a gap both to the next turn's first frame.
        void Close(bool gap)
        {
            int width = _face.Width, fps = _face.Fps;
            long heard = Up(Samples * fps, _rate);
            Fill(heard, true);
            if (!gap)
            {
                Cut(heard);
                return;
            }
            if (Full) return;
            long until = Up((Samples + (int)(Gap * _rate)) * fps, _rate);
            Fill(until, false);
            Cut(until);
            long pad = 2 * (Up(until * _rate, fps) - Samples);
            _pcm.Write(new byte[pad], 0, (int)pad);
        }

        void Fill(long frames, bool hold)
        {
            int width = _face.Width;
            if (width == 0) return;
            long missing = frames - _weights.Count / width;
            int last = _weights.Count - width;
            for (long frame = 0; frame < missing; frame++)
                for (int channel = 0; channel < width; channel++) _weights.Add(hold && last >= 0 ? _weights[last + channel] : 0);
        }

        void Cut(long frames)
        {
            int keep = (int)frames * _face.Width;
            if (_weights.Count > keep) _weights.RemoveRange(keep, _weights.Count - keep);
        }

        /// <summary>Write reply.wav and face.csv; IOException or UnauthorizedAccessException when the folder cannot be written.</summary>
        public void Save(string folder)
        {
            lock (_gate)
            {
                Close(false);
                Directory.CreateDirectory(folder);
                SaveSound(Path.Combine(folder, "reply.wav"));
                SaveFace(Path.Combine(folder, "face.csv"));
            }
        }

        void SaveSound(string path)
        {
            using BinaryWriter file = new BinaryWriter(File.Create(path));
            int count = (int)_pcm.Length;
            file.Write(Encoding.ASCII.GetBytes("RIFF"));
            file.Write(36 + count);
            file.Write(Encoding.ASCII.GetBytes("WAVEfmt "));
            file.Write(16);
            file.Write((short)1);
            file.Write((short)1);
            file.Write(_rate);
            file.Write(2 * _rate);
            file.Write((short)2);
            file.Write((short)16);
            file.Write(Encoding.ASCII.GetBytes("data"));
            file.Write(count);
            file.Write(_pcm.GetBuffer(), 0, count);
        }

        void SaveFace(string path)
        {
            int width = _face.Width;
            using StreamWriter file = new StreamWriter(path, false, new UTF8Encoding(false)) { NewLine = "\r\n" };
            file.WriteLine("time_s" + (width > 0 ? "," + string.Join(",", _face.Names) : ""));
            StringBuilder line = new StringBuilder();
            for (int row = 0; width > 0 && row < _weights.Count / width; row++)
            {
                line.Clear();
                line.Append(Fixed((double)row / _face.Fps));
                for (int channel = 0; channel < width; channel++) line.Append(',').Append(Fixed(_weights[row * width + channel]));
                file.WriteLine(line.ToString());
            }
        }

        // Four decimals, halves to even, and a sign also on what rounds to zero from below.
        static string Fixed(double value)
        {
            string text = Math.Round((decimal)value, 4, MidpointRounding.ToEven).ToString("0.0000", CultureInfo.InvariantCulture);
            bool below = value < 0 || (value == 0 && 1 / value < 0);
            return below && text[0] != '-' ? "-" + text : text;
        }

        static long Up(long value, long unit) => (value + unit - 1) / unit;
    }
}
