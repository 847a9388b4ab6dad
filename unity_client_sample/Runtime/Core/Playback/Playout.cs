#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// The client's half of smooth playback: an adaptive jitter buffer on the media clock, read by the sound output.
    /// One thread pushes, one reads, <see cref="Cut"/> may come from any; there are no locks, and reading allocates nothing.
    /// Starts a turn at 80 ms buffered, holds the playhead when it runs dry, fades what is interrupted, ducks in overlap.
    /// </summary>
    public sealed class Playout
    {
        const double PrimeSeconds = 0.08; // half as much again after an underrun, a tenth less after a clean turn
        const double PrimeMost = 2.0 / 3; // of the server's lead: it sends no more until the playhead moves
        const double StallSeconds = 0.25; // whatever is buffered starts when nothing has come for this long
        const double FadeSeconds = 0.06;
        const double RampSeconds = 0.02;
        const double Ducked = 0.3;
        const double ResidueSeconds = 0.001; // to an e-th, of the last value before silence, so that it does not click
        const double GapSeconds = 0.02; // by which a piece is due later than what came before it ends: there is a silence
        const double SlideSeconds = 0.0005; // faster or slower, after which it is told
        const int MostTurns = 64;
        const int Stretched = 1024; // samples that are made faster or slower in one go

        readonly SpscRing<PlayoutCommand> _commands = new SpscRing<PlayoutCommand>(4096);
        readonly SampleRing _ring;
        readonly Chunk[] _chunks = new Chunk[4096]; // in the order of arrival
        readonly PlayoutTurn[] _turns = new PlayoutTurn[MostTurns];
        readonly short[] _stretch = new short[Stretched + Stretched / 8]; // what they are made of
        readonly IAirTap? _tap;
        readonly int _leastPrime, _mostPrime;
        readonly double _residueKept; // a sample
        int _firstChunk, _chunkCount, _turnCount, _prime, _underruns;
        bool _running, _ducked;
        long _dropped, _air, _stalled, _fading, _buffered, _playhead;
        double _gain = 1, _aim = 1, _step, _residue, _speed = 1;
        double _between; // of two samples, where it is played faster or slower
        long _slid; // samples since a turning point told where the turn is
        long _cutWanted, _epoch; // a cut from any thread: epoch << 40 | turn

        /// <param name="rate">Samples a second of the media; divides 48000.</param>
        /// <param name="lead">Seconds that the server keeps ahead.</param>
        /// <param name="tap">Hears what goes to air.</param>
        /// <param name="seconds">What the sample ring holds at least.</param>
        public Playout(int rate, double lead, IAirTap? tap = null, double seconds = 20)
        {
            if (rate <= 0 || Ticks.PerSecond % rate != 0) throw new ArgumentException(rate + " samples a second do not divide 48000", nameof(rate));
            int capacity = 1 << 14;
            while (capacity < seconds * rate) capacity <<= 1;
            _ring = new SampleRing(capacity);
            _tap = tap;
            Rate = rate;
            Lead = lead;
            _mostPrime = (int)Math.Round(lead * PrimeMost * rate);
            _leastPrime = Math.Min((int)Math.Round(PrimeSeconds * rate), _mostPrime);
            _prime = _leastPrime;
            _residueKept = Math.Exp(-1 / (ResidueSeconds * rate));
        }

        public int Rate { get; }

        /// <summary>Seconds that the server keeps ahead.</summary>
        public double Lead { get; }

        /// <summary>Turning points, for the thread that shows the face and the words.</summary>
        public SpscRing<Point> Points { get; } = new SpscRing<Point>(512);

        /// <summary>The same turning points, for the thread that reports the playhead.</summary>
        public SpscRing<Point> Reports { get; } = new SpscRing<Point>(512);

        public int Underruns => Volatile.Read(ref _underruns);

        /// <summary>Seconds that wait to be heard.</summary>
        public double Buffered => Volatile.Read(ref _buffered) / (double)Rate;

        /// <summary>Seconds that have to be buffered before a turn starts.</summary>
        public double Prime => Volatile.Read(ref _prime) / (double)Rate;

        /// <summary>Samples of the stream that were read so far.</summary>
        public long Air => Volatile.Read(ref _air);

        /// <summary>The turn at the playhead, also while it is held, and its position in ticks; turn 0 between turns. Any thread.</summary>
        public void Playhead(out long turn, out long pts)
        {
            long packed = Volatile.Read(ref _playhead);
            turn = packed >> 40;
            pts = packed & (1L << 40) - 1;
        }

        // ------------------------------------------------------------------------------- the pushing thread

        public bool Begin(long turn) => Push(PlayoutCommand.What.Begin, turn);

        /// <summary>False when more waits than can be held: the server does not pace.</summary>
        /// <param name="due">The sample of the stream at which it is to be heard; NaN: as soon as there is enough.</param>
        public bool Append(long turn, long pts, in Segment pcm, double due = double.NaN)
        {
            long start = _ring.Written;
            if (!_ring.TryWrite(pcm)) return false;
            return _commands.TryWrite(new PlayoutCommand { Kind = PlayoutCommand.What.Append, Turn = turn, Pts = pts, Start = start, Count = pcm.Count / 2, Due = due });
        }

        public bool End(long turn, EndReason reason) => _commands.TryWrite(new PlayoutCommand { Kind = PlayoutCommand.What.End, Turn = turn, Reason = reason });

        /// <summary>Drop every turn up to this one; the one being heard fades out.</summary>
        public bool Interrupt(long turn) => Push(PlayoutCommand.What.Interrupt, turn);

        public bool Duck(bool on) => Push(on ? PlayoutCommand.What.Duck : PlayoutCommand.What.Unduck, 0);

        /// <summary>Drop everything at once: the session is a new one, and turns count from 1 again.</summary>
        public bool Reset()
        {
            Interlocked.Increment(ref _epoch);
            return Push(PlayoutCommand.What.Reset, 0);
        }

        bool Push(PlayoutCommand.What kind, long turn) => _commands.TryWrite(new PlayoutCommand { Kind = kind, Turn = turn });

        /// <summary>Any thread: drop every turn up to this one, as <see cref="Interrupt"/>.</summary>
        public void Cut(long turn) => Volatile.Write(ref _cutWanted, Volatile.Read(ref _epoch) << 40 | turn);

        /// <summary>Any thread: faster or slower by what nobody hears, to keep to a room's clock; 0.9 to 1.1, 1 as it is.</summary>
        public double Speed
        {
            get => Volatile.Read(ref _speed);
            set => Volatile.Write(ref _speed, Math.Min(1.1, Math.Max(0.9, value)));
        }

        // ------------------------------------------------------------------------------- the reading thread

        /// <summary>The next samples of the stream, silence where there is none.</summary>
        public void Read(short[] into, int offset, int count)
        {
            Take();
            int end = offset + count;
            while (offset < end)
            {
                int left = end - offset;
                int early = _turnCount == 0 ? 0 : Early(left);
                if (early > 0)
                {
                    Rest(into, offset, early);
                    _air += early;
                    offset += early;
                }
                else if (_turnCount == 0 || !(_running || Start()))
                {
                    Rest(into, offset, left);
                    _stalled += left;
                    _air += left;
                    offset = end;
                }
                else if (_turns[0].Waiting > 0)
                {
                    long timed = Timed(_turns[0].Number);
                    int run = (int)Math.Min(Math.Min(left, _turns[0].Waiting), Math.Min(_fading > 0 ? _fading : left, timed));
                    double speed = Volatile.Read(ref _speed);
                    if (speed != 1 && _fading == 0) run = Math.Min(run, Stretched);
                    Play(into, offset, run, speed, Math.Min(timed, _turns[0].Waiting));
                    offset += run;
                }
                else if (!_turns[0].Ended)
                {
                    Volatile.Write(ref _underruns, _underruns + 1);
                    _turns[0].Starved = true;
                    _running = false;
                    _prime = Math.Min(_prime * 3 / 2, _mostPrime);
                    Tell(new Point(PointKind.Hold, _turns[0].Number, _turns[0].Heard, _air));
                }
                if (_running && _turnCount > 0 && _turns[0].Ended && _turns[0].Waiting == 0) Finish(false);
            }
            bool any = _turnCount > 0 && _turns[0].Begun;
            Volatile.Write(ref _playhead, any ? _turns[0].Number << 40 | _turns[0].Heard * Ticks.PerSecond / Rate : 0);
            long waiting = 0;
            for (int index = 0; index < _turnCount; index++) waiting += _turns[index].Waiting;
            Volatile.Write(ref _buffered, waiting);
        }

        void Take()
        {
            while (_chunkCount < _chunks.Length - 1 && _commands.TryRead(out PlayoutCommand command))
            {
                switch (command.Kind)
                {
                    case PlayoutCommand.What.Begin: Turn(command.Turn, true); break;
                    case PlayoutCommand.What.Append: Take(command); break;
                    case PlayoutCommand.What.End:
                        int ended = Turn(command.Turn, true);
                        if (ended < 0) break;
                        _turns[ended].Ended = true;
                        _turns[ended].Reason = command.Reason;
                        break;
                    case PlayoutCommand.What.Interrupt: Drop(command.Turn); break;
                    case PlayoutCommand.What.Duck: Duck(true, Ducked); break;
                    case PlayoutCommand.What.Unduck: Duck(false, 1); break;
                    default: Clear(); break;
                }
            }
            long cut = Volatile.Read(ref _cutWanted);
            if (cut >> 40 == Volatile.Read(ref _epoch) && (cut & (1L << 40) - 1) > _dropped) Drop(cut & (1L << 40) - 1);
        }

        void Take(in PlayoutCommand command)
        {
            int index = Turn(command.Turn, false);
            long ringEnd = command.Start + command.Count;
            if (index < 0)
            {
                if (_chunkCount == 0) _ring.Free(ringEnd);
                else Add(new Chunk { Turn = 0, Start = command.Start, Count = 0, RingEnd = ringEnd });
                return;
            }
            ref PlayoutTurn turn = ref _turns[index];
            _stalled = 0;
            long at = command.Pts * Rate / Ticks.PerSecond;
            // A viewer who joins in the middle of a turn begins there.
            if (!turn.Placed && turn.Waiting == 0) turn.Heard = at;
            turn.Placed = true;
            long due = turn.Heard + turn.Waiting;
            if (at > due)
            {
                Add(new Chunk { Turn = turn.Number, Start = -1, Count = at - due, RingEnd = command.Start, Due = command.Due - (at - due) });
                turn.Waiting += at - due;
            }
            long known = Math.Min(command.Count, Math.Max(0, due - at));
            Add(new Chunk { Turn = turn.Number, Start = command.Start + known, Count = command.Count - known, RingEnd = ringEnd, Due = command.Due + known });
            turn.Waiting += command.Count - known;
        }

        void Add(in Chunk chunk)
        {
            if (_chunkCount < _chunks.Length) _chunks[_firstChunk + _chunkCount++ & _chunks.Length - 1] = chunk;
        }

        // placed: it begins at its first sample, since its start was seen.
        int Turn(long number, bool placed)
        {
            if (number <= _dropped) return -1;
            for (int index = 0; index < _turnCount; index++)
            {
                if (_turns[index].Number != number) continue;
                _turns[index].Placed |= placed;
                return index;
            }
            if (_turnCount == MostTurns) return -1;
            _turns[_turnCount] = new PlayoutTurn { Number = number, Placed = placed };
            return _turnCount++;
        }

        void Drop(long number)
        {
            _dropped = Math.Max(_dropped, number);
            while (_turnCount > 0 && _turns[0].Number <= _dropped)
            {
                if (_running && _turns[0].Waiting > 0)
                {
                    if (_fading == 0)
                    {
                        _fading = (long)Math.Round(FadeSeconds * Rate);
                        _aim = 0;
                        _step = _gain / _fading;
                    }
                    break;
                }
                Finish(true);
            }
            while (_turnCount > 1 && _turns[1].Number <= _dropped)
            {
                Tell(new Point(PointKind.End, _turns[1].Number, 0, _air, true, EndReason.Interrupted));
                Forget(1);
            }
        }

        void Clear()
        {
            _running = _ducked = false;
            if (_turnCount > 0) Drop(_turns[_turnCount - 1].Number);
            _dropped = 0;
            Tell(new Point(PointKind.Reset, 0, 0, _air));
        }

        void Duck(bool on, double aim)
        {
            _ducked = on;
            if (!_running || _fading > 0) return;
            _aim = aim;
            _step = (1 - Ducked) / (RampSeconds * Rate);
        }

        bool Start()
        {
            ref PlayoutTurn turn = ref _turns[0];
            bool stalled = _stalled > StallSeconds * Rate && turn.Waiting > 0;
            bool timed = turn.Waiting > 0 && !double.IsNaN(_chunks[Next(turn.Number, 0)].Due);
            _running = timed || turn.Waiting >= Math.Max(1, _prime) || turn.Ended || stalled;
            if (!_running) return false;
            turn.Begun = true;
            _gain = _aim = _ducked ? Ducked : 1;
            _between = _slid = 0;
            Tell(new Point(PointKind.Run, turn.Number, turn.Heard, _air));
            return true;
        }

        // For how many samples, at most `left`, the turn is silent since its next is due later; what is due long since is left out.
        int Early(int left)
        {
            ref PlayoutTurn turn = ref _turns[0];
            if (_fading > 0 || turn.Waiting == 0) return 0;
            int next = Next(turn.Number, 0);
            double due = _chunks[next].Due - _air;
            if (double.IsNaN(due) || (_running && (_chunks[next].Begun || due < GapSeconds * Rate))) return 0;
            if (due > 0)
            {
                if (_running) Tell(new Point(PointKind.Hold, turn.Number, turn.Heard, _air));
                _running = false;
                return due < left ? (int)Math.Ceiling(due) : left;
            }
            if (_running || due > -1) return 0;
            // No further than this piece: the next has a time of its own.
            for (long late = (long)Math.Min(_chunks[next].Count, Math.Floor(-due)); late > 0;)
            {
                int part = (int)Math.Min(late, Stretched);
                Fetch(turn.Number, _stretch, 0, part);
                turn.Heard += part;
                turn.Waiting -= part;
                late -= part;
            }
            return Early(left);
        }

        // How many samples follow each other for certain: up to the next piece, where that may be due later.
        long Timed(long turn)
        {
            int first = Next(turn, 0);
            int second = Next(turn, (first - _firstChunk & _chunks.Length - 1) + 1);
            return second < 0 || double.IsNaN(_chunks[second].Due) ? long.MaxValue : _chunks[first].Count;
        }

        // The slot of the turn's first chunk that waits, from the `from`-th on; -1: none.
        int Next(long turn, int from)
        {
            for (; from < _chunkCount; from++)
            {
                int slot = _firstChunk + from & _chunks.Length - 1;
                if (_chunks[slot].Turn == turn && _chunks[slot].Count > 0) return slot;
            }
            return -1;
        }

        void Play(short[] into, int offset, int run, double speed, long sure)
        {
            ref PlayoutTurn turn = ref _turns[0];
            if (speed != 1 && _fading == 0 && Stretch(into, offset, run, speed, sure)) return;
            if (_slid != 0) Slide();
            Fetch(turn.Number, into, offset, run);
            Shape(into, offset, run);
            _tap?.OnSound(turn.Number, turn.Heard, into, offset, run);
            turn.Heard += run;
            turn.Waiting -= run;
            _air += run;
            _residue = into[offset + run - 1];
            if (_fading == 0) return;
            _fading -= run;
            if (_fading == 0 || turn.Waiting == 0) Finish(true);
        }

        // Makes `run` samples of `run * speed`; false where too few are sure to follow each other.
        bool Stretch(short[] into, int offset, int run, double speed, long sure)
        {
            ref PlayoutTurn turn = ref _turns[0];
            double end = _between + run * speed;
            int count = (int)end;
            if (sure <= count) return false;
            Fetch(turn.Number, _stretch, 0, count);
            ref Chunk next = ref _chunks[Next(turn.Number, 0)];
            if (next.Start < 0) _stretch[count] = 0;
            else _ring.Copy(next.Start, _stretch, count, 1);
            for (int index = 0; index < run; index++)
            {
                double place = _between + index * speed;
                int left = (int)place;
                double from = _stretch[left], to = _stretch[Math.Min(left + 1, count)];
                into[offset + index] = (short)Math.Round(from + (to - from) * (place - left));
            }
            _between = end - count;
            Shape(into, offset, run);
            _tap?.OnSound(turn.Number, turn.Heard + count - run, into, offset, run);
            turn.Heard += count;
            turn.Waiting -= count;
            _air += run;
            _slid += count - run;
            _residue = into[offset + run - 1];
            if (Math.Abs(_slid) >= SlideSeconds * Rate) Slide();
            return true;
        }

        void Slide()
        {
            _slid = 0;
            Tell(new Point(PointKind.Slide, _turns[0].Number, _turns[0].Heard, _air));
        }

        void Fetch(long turn, short[] into, int offset, int run)
        {
            for (int index = 0; run > 0; index++)
            {
                ref Chunk chunk = ref _chunks[_firstChunk + index & _chunks.Length - 1];
                if (chunk.Turn != turn || chunk.Count == 0) continue;
                int part = (int)Math.Min(run, chunk.Count);
                if (chunk.Start < 0) Array.Clear(into, offset, part);
                else
                {
                    _ring.Copy(chunk.Start, into, offset, part);
                    chunk.Start += part;
                }
                chunk.Count -= part;
                chunk.Due += part;
                chunk.Begun = true;
                offset += part;
                run -= part;
            }
            Release();
        }

        void Release()
        {
            while (_chunkCount > 0)
            {
                ref Chunk first = ref _chunks[_firstChunk];
                if (first.Count > 0 && first.Turn > 0) return;
                _ring.Free(first.RingEnd);
                _firstChunk = _firstChunk + 1 & _chunks.Length - 1;
                _chunkCount--;
            }
        }

        void Shape(short[] into, int offset, int run)
        {
            if (_gain == 1 && _aim == 1) return;
            double from = _gain, low = Math.Min(_gain, _aim), high = Math.Max(_gain, _aim);
            double way = Math.Sign(_aim - _gain) * _step;
            for (int index = 0; index < run; index++)
            {
                _gain = Math.Min(high, Math.Max(low, way * (index + 1) + from));
                into[offset + index] = (short)Math.Round(into[offset + index] * _gain);
            }
        }

        void Rest(short[] into, int offset, int count)
        {
            for (int index = 0; index < count; index++)
            {
                _residue = Math.Abs(_residue) < 4 ? 0 : _residue * _residueKept;
                into[offset + index] = (short)_residue;
            }
        }

        void Finish(bool cut)
        {
            PlayoutTurn turn = _turns[0];
            Forget(0);
            Tell(new Point(PointKind.End, turn.Number, turn.Heard, _air, cut, cut ? EndReason.Interrupted : turn.Reason));
            _running = false;
            _fading = 0;
            _stalled = 0;
            _dropped = Math.Max(_dropped, turn.Number);
            if (!turn.Starved) _prime = Math.Max(_prime * 9 / 10, _leastPrime);
        }

        void Forget(int index)
        {
            long number = _turns[index].Number;
            for (int chunk = 0; chunk < _chunkCount; chunk++)
            {
                ref Chunk each = ref _chunks[_firstChunk + chunk & _chunks.Length - 1];
                if (each.Turn == number) each.Turn = 0;
            }
            Release();
            _turnCount--;
            for (; index < _turnCount; index++) _turns[index] = _turns[index + 1];
        }

        void Tell(in Point point)
        {
            Points.TryWrite(point);
            Reports.TryWrite(point);
            _tap?.OnPoint(point);
        }
    }
}
