#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>What became audible.</summary>
    public enum HeardKind { Began, Word, Cue, Held, Ended }

    /// <summary>Something that falls due with the sound that is heard.</summary>
    public readonly struct Heard
    {
        public readonly HeardKind Kind;
        public readonly long Turn, Pts, End;
        public readonly string Text; // the word, or the cue's name
        public readonly string Gap; // what is written before the word
        public readonly bool Emotion, Cut;
        public readonly float Intensity;
        public readonly EndReason Reason;

        public Heard(HeardKind kind, long turn, long pts, long end = 0, string text = "", bool emotion = false, float intensity = 1, bool cut = false, EndReason reason = EndReason.Complete, string gap = " ")
        {
            Kind = kind;
            Turn = turn;
            Pts = pts;
            End = end;
            Text = text;
            Emotion = emotion;
            Intensity = intensity;
            Cut = cut;
            Reason = reason;
            Gap = gap;
        }
    }

    /// <summary>
    /// What is heard and seen at a sample of the output stream: words, cues and the face of each turn on its media clock.
    /// One thread (Unity's main thread) gives it messages and turning points, asks for what is due, and samples the face.
    /// </summary>
    public sealed class Timeline
    {
        const double HalfTick = 0.5;
        const double BlendTurn = 0.06, BlendIdle = 0.1, BlendRest = 0.2, BlendCut = 0.1; // s

        enum Showing { Rest, Idle, Turn }

        readonly int _rate;
        readonly IdleLife _idle;
        readonly Dictionary<long, TurnTrack> _turns = new Dictionary<long, TurnTrack>();
        readonly Stack<TurnTrack> _spare = new Stack<TurnTrack>();
        readonly Queue<Point> _points = new Queue<Point>(64);
        readonly Queue<Heard> _due = new Queue<Heard>(64);
        readonly float[] _shown, _from;
        Point? _since; // the turning point that was passed last
        long _dropped, _showingTurn;
        int _ignored; // resets that are still to come: points before them are of an older session
        Showing _showing = Showing.Rest;
        double _blendFrom = double.NegativeInfinity, _blendOver = 1;
        bool _cut;

        public Timeline(FaceFormat format, int rate)
        {
            Format = format;
            _rate = rate;
            _idle = new IdleLife(format);
            _shown = new float[format.Width];
            _from = new float[format.Width];
        }

        public FaceFormat Format { get; }

        /// <summary>The turn that is heard, its position in ticks, and whether it moves.</summary>
        public long Turn { get; private set; }

        public double Pts { get; private set; }
        public bool Running { get; private set; }

        /// <summary>How the shown face knows the sounds.</summary>
        public FaceSource Source { get; private set; }

        // ------------------------------------------------------------------------------------------ what comes

        /// <summary>Face frames of a media message; idle life needs the time of its arrival.</summary>
        public void Add(in Media media, double now)
        {
            if (media.Turn == 0) _idle.Add(media.FacePts, media.Face, now);
            else if (media.Face.Count > 0)
                Track(media.Turn)?.AddFrames((media.FacePts * Format.Fps + Ticks.PerSecond / 2) / Ticks.PerSecond, media.Face, media.Source);
        }

        public void Add(in Word word) => Track(word.Turn)?.Add(new Mark { Pts = word.Pts, End = word.End, Text = word.Text, Gap = word.Gap, IsWord = true });

        public void Add(in Cue cue) => Track(cue.Turn)?.Add(new Mark { Pts = cue.Pts, Text = cue.Name, Emotion = cue.Emotion, Intensity = cue.Intensity });

        /// <summary>No word or cue of turns up to this one falls due any more.</summary>
        public void Drop(long turn)
        {
            foreach (KeyValuePair<long, TurnTrack> each in _turns)
                if (each.Key <= turn) each.Value.DropMarks();
            _dropped = Math.Max(_dropped, turn);
        }

        /// <summary>A new session: turns count from 1 again.</summary>
        public void NewSession()
        {
            _ignored++;
            Clear();
        }

        /// <summary>Take a turning point of <see cref="Playout"/>.</summary>
        public void Add(in Point point)
        {
            if (point.Kind == PointKind.Reset) _ignored = Math.Max(0, _ignored - 1);
            else if (_ignored == 0) _points.Enqueue(point);
        }

        void Clear()
        {
            foreach (KeyValuePair<long, TurnTrack> each in _turns) _spare.Push(each.Value);
            _turns.Clear();
            _points.Clear();
            _due.Clear();
            _since = null;
            _dropped = 0;
            _idle.Clear();
            Turn = 0;
            Pts = 0;
            Running = false;
        }

        TurnTrack? Track(long turn)
        {
            if (turn <= _dropped) return null;
            if (_turns.TryGetValue(turn, out TurnTrack? found)) return found;
            found = _spare.Count > 0 ? _spare.Pop() : new TurnTrack(Format.Width);
            found.Begin(turn);
            _turns[turn] = found;
            return found;
        }

        // ------------------------------------------------------------------------------------------ what is heard

        /// <summary>Go on to a sample of the stream; then <see cref="Next"/> tells what fell due, in order.</summary>
        public void Advance(double air)
        {
            while (_points.Count > 0 && _points.Peek().Air <= air)
            {
                Point point = _points.Dequeue();
                Place(point.Air);
                Marks(false);
                Pass(point);
            }
            Place(air);
            Marks(Running);
        }

        /// <summary>Move what <see cref="Sample"/> shows to a later sample of the same stretch; nothing falls due.</summary>
        public void Seek(double air) => Place(air);

        public bool Next(out Heard heard)
        {
            bool any = _due.Count > 0;
            heard = any ? _due.Dequeue() : default;
            return any;
        }

        void Pass(in Point point)
        {
            long pts = point.Sample * Ticks.PerSecond / _rate;
            switch (point.Kind)
            {
                case PointKind.Slide:
                    _since = new Point(PointKind.Run, point.Turn, point.Sample, point.Air);
                    break;
                case PointKind.Run:
                    if (_since == null || _since.Value.Turn != point.Turn) _due.Enqueue(new Heard(HeardKind.Began, point.Turn, pts));
                    _since = point;
                    break;
                case PointKind.Hold:
                    _due.Enqueue(new Heard(HeardKind.Held, point.Turn, pts));
                    _since = point;
                    break;
                default:
                    if (_turns.TryGetValue(point.Turn, out TurnTrack? track))
                    {
                        if (!point.Cut) Tell(track, double.PositiveInfinity);
                        _turns.Remove(point.Turn);
                        _spare.Push(track);
                    }
                    _due.Enqueue(new Heard(HeardKind.Ended, point.Turn, pts, cut: point.Cut, reason: point.Reason));
                    _cut = point.Cut;
                    _dropped = Math.Max(_dropped, point.Turn);
                    if (_since != null && _since.Value.Turn == point.Turn) _since = null;
                    break;
            }
        }

        void Place(double air)
        {
            if (!(_since is { } point))
            {
                Turn = 0;
                Pts = 0;
                Running = false;
                return;
            }
            double next = _points.Count > 0 ? _points.Peek().Air : double.PositiveInfinity;
            double run = point.Kind == PointKind.Run ? Math.Max(0, Math.Min(air, next) - point.Air) : 0;
            Turn = point.Turn;
            Pts = (point.Sample + run) * Ticks.PerSecond / _rate;
            Running = point.Kind == PointKind.Run;
        }

        // What the playhead has passed; also what begins with its sample, if that is heard, as it is not where it holds.
        void Marks(bool heard)
        {
            if (Turn > 0 && _turns.TryGetValue(Turn, out TurnTrack? track)) Tell(track, heard ? Pts : Pts - HalfTick);
        }

        void Tell(TurnTrack track, double pts)
        {
            while (track.NextMark(pts, out Mark mark))
                _due.Enqueue(new Heard(mark.IsWord ? HeardKind.Word : HeardKind.Cue, track.Number, mark.Pts, mark.End, mark.Text, mark.Emotion, mark.Intensity, gap: mark.Gap ?? " "));
        }

        // ------------------------------------------------------------------------------------------ what is seen

        /// <summary>Whether the face comes from a reply or from idle life; else it rests and the game's own life may stand in.</summary>
        public bool Alive => _showing != Showing.Rest;

        /// <summary>The weights of the face where <see cref="Advance"/> has gone to, plus <paramref name="lead"/> ticks, at <paramref name="now"/> seconds.</summary>
        public void Sample(double now, double lead, float[] into)
        {
            TurnTrack? track = null;
            bool speaking = Turn > 0 && _turns.TryGetValue(Turn, out track) && track.HasFace;
            Showing showing = speaking ? Showing.Turn : _idle.Living(now) ? Showing.Idle : Showing.Rest;
            if (showing != _showing || (speaking && Turn != _showingTurn)) Turned(showing, now);
            if (speaking) track!.Sample(Math.Max(0, (Pts + (Running ? lead : 0)) * Format.Fps / Ticks.PerSecond), Format, into);
            else if (showing == Showing.Idle) _idle.Sample(now, into);
            else Array.Clear(into, 0, Format.Width);
            Source = speaking ? track!.Source : FaceSource.None;
            float share = (float)Math.Min(1, Math.Max(0, (now - _blendFrom) / _blendOver));
            for (int channel = 0; channel < Format.Width; channel++)
            {
                if (share < 1) into[channel] = _from[channel] + (into[channel] - _from[channel]) * share;
                _shown[channel] = into[channel];
            }
        }

        void Turned(Showing showing, double now)
        {
            Array.Copy(_shown, _from, _shown.Length);
            _blendFrom = now;
            _blendOver = showing == Showing.Turn ? BlendTurn : _cut ? BlendCut : showing == Showing.Idle ? BlendIdle : BlendRest;
            if (showing == Showing.Turn) _cut = false;
            _showing = showing;
            _showingTurn = Turn;
        }
    }
}
