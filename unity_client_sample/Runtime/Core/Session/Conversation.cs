#nullable enable
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// A whole client: the session, the voice, what is heard and seen, the ear, tools and the scene. Everything but the voice's
    /// <see cref="Voice.Fill"/> (the sound output's thread) and <see cref="Pump"/> (any thread) belongs to one thread, Unity's
    /// main thread; events are raised there, in <see cref="Update"/>. Time is the seconds that are passed in, of one clock.
    /// </summary>
    public sealed class Conversation : IServerMessages, IEarSink, IDisposable
    {
        const int InboxBytes = 1 << 21;
        const int MostTurns = 64; // whose companion is remembered until they were heard

        readonly MessageInbox _inbox = new MessageInbox(InboxBytes);
        readonly ServerReader _reader = new ServerReader();
        readonly Reporter _reporter;
        readonly Func<double> _clock;
        readonly ConcurrentQueue<(SessionStatus status, SessionFault? fault)> _changes = new ConcurrentQueue<(SessionStatus, SessionFault?)>();
        readonly object _pumping = new object();
        readonly Dictionary<long, string> _whose = new Dictionary<long, string>(); // turn -> companion, of all but "main"
        readonly ContextSender _sendContext; // made once: a frame allocates nothing
        Timeline _timeline = new Timeline(FaceFormat.None, 24000);
        Playout? _playout;
        double _now;
        long _unfinished; // the turn that has begun and not ended
        int _mended;

        /// <param name="record">Keep what is heard and shown; see <see cref="Recording"/>.</param>
        /// <param name="clock">Tells the seconds on any thread, between frames too, for rooms; null: as they were passed in last.</param>
        public Conversation(SessionSettings settings, Func<ITransport> connect, bool record = false, Func<double>? clock = null)
        {
            Settings = settings;
            Record = record;
            _clock = clock ?? (() => Volatile.Read(ref _now));
            Session = new Session(settings, connect, new Inbound(this, Voice, _inbox, Together, _clock, welcome => Record && Recording == null ? Recording = new Recording(welcome.Face, welcome.Rate) : null));
            _reporter = new Reporter(Session, Voice);
            _sendContext = (states, events, respond) => Session.Send(writer => ClientMessages.Context(writer, states, events, respond));
            Ear = new Ear(this);
            Tools = new Tools((call, result) => Session.Send(writer => ClientMessages.ToolResult(writer, call, result.Status, result.Value)));
            Tools.Changed += SendTools;
        }

        /// <summary>Where and how to connect; read whenever a connection is made.</summary>
        public SessionSettings Settings { get; }

        /// <summary>Whether the next session is recorded.</summary>
        public bool Record { get; set; }

        public Session Session { get; }
        public Voice Voice { get; } = new Voice();

        /// <summary>The clock of a room, by which everybody in it hears the same at the same instant.</summary>
        public Together Together { get; } = new Together();
        public Ear Ear { get; }
        public Tools Tools { get; }
        public SceneContext Context { get; } = new SceneContext();
        public Subtitles Subtitles { get; } = new Subtitles();
        public Emotion Emotion { get; } = new Emotion();
        public Recording? Recording { get; private set; }
        public Timeline Timeline => _timeline;
        public CompanionState State { get; private set; }

        /// <summary>Messages that were lost because this thread stood still for long.</summary>
        public int LostMessages => _inbox.Lost;

        public event Action<SessionStatus, SessionFault?>? StatusChanged;
        public event Action<Welcome>? Welcomed;

        /// <summary>Who speaks has other looks, another voice or another name from now on.</summary>
        public event Action<Identity>? IdentityChanged;
        public event Action<CompanionState>? StateChanged;
        public event Action<Transcript>? Transcribed;

        /// <summary>A turn began or ended to be heard, a word or a cue fell due.</summary>
        public event Action<Heard>? HeardNow;
        public event Action<ServerError>? Failed;

        /// <summary>The answer to what was asked about the memory of the user.</summary>
        public event Action<MemoryAnswer>? MemoryTold;

        /// <summary>How the room is now, and what others in it say; of a conversation whose Hello has a Room.</summary>
        public event Action<RoomState>? RoomChanged;
        public event Action<Said>? OtherSaid;

        /// <summary>Another companion begins to be heard, by its RoomCompanion.Key; empty: nobody is heard any more.</summary>
        public event Action<string>? FloorChanged;

        /// <summary>An emotion's name is not known; told once for each.</summary>
        public event Action<string>? UnknownEmotion;

        // ------------------------------------------------------------------------------------------ what the game does

        public void Open(double now)
        {
            _now = now;
            Together.Room = Settings.Hello.Room.Length > 0;
            Session.Open(now);
        }

        /// <summary>Typed words; what is being said stops at once. False when they are empty or too long for the server.</summary>
        /// <param name="companion">In a room: whom it is for, a RoomCompanion.Key; empty: whom it addresses.</param>
        public bool Say(string text, string companion = "")
        {
            text = text.Trim();
            if (!Fits(text)) return false;
            Stop();
            Subtitles.Typed(text);
            Session.Send(writer => ClientMessages.Text(writer, text, companion));
            return true;
        }

        /// <summary>Ask in private, in a room: the companion answers with an <see cref="OtherSaid"/> that nobody else is told. False outside of rooms, and as <see cref="Say"/>.</summary>
        public bool AskPrivately(string text, string companion = "")
        {
            text = text.Trim();
            if (Room == null || Settings.Hello.Viewer || !Fits(text)) return false;
            Session.Send(writer => ClientMessages.Text(writer, text, companion, true));
            return true;
        }

        bool Fits(string text)
        {
            int most = Session.Welcome?.TextChars ?? 2000;
            return text.Length > 0 && (most <= 0 || text.Length <= most);
        }

        /// <summary>Stop what is being said, here and at once, and tell the server where. False when nothing was.</summary>
        public bool Stop()
        {
            long turn = 0, pts = 0;
            _playout?.Playhead(out turn, out pts);
            long known = turn > 0 ? turn : State == CompanionState.Thinking || State == CompanionState.Speaking ? Session.Turn : 0;
            if (known == 0) return false;
            Session.Forget(known);
            _playout?.Cut(known);
            _timeline.Drop(known);
            Tools.Interrupted(known);
            Session.Send(writer => ClientMessages.Interrupt(writer, known, turn > 0 ? pts : -1));
            return true;
        }

        public void SetState(string key, string value) => Context.Set(key, value, _now);

        public void Happened(string sentence, Respond respond = Respond.Silent) => Context.Happened(sentence, respond, _now);

        /// <summary>Whether the server can remember users, and answers what is asked about it.</summary>
        public bool HasMemory => !Settings.Hello.Viewer && (Session.Welcome?.Has("memory") ?? false);

        /// <summary>Ask about the memory; <see cref="MemoryTold"/> follows. Of Forget and Import the methods below. False when the server has none.</summary>
        public bool AskMemory(MemoryOp op)
        {
            if (op == MemoryOp.Forget || op == MemoryOp.Import || !Ask(op, Array.Empty<long>(), Array.Empty<byte>())) return false;
            // What the sessions that follow by themselves say of it.
            if (op == MemoryOp.Agree || op == MemoryOp.Refuse) Settings.Hello.Memory = op == MemoryOp.Agree ? "on" : "off";
            return true;
        }

        /// <summary>Have up to 64 facts deleted for good. False when the server has no memory, or there are none or too many.</summary>
        public bool ForgetFacts(IReadOnlyList<long> facts) => facts.Count > 0 && facts.Count <= 64 && Ask(MemoryOp.Forget, facts, Array.Empty<byte>());

        /// <summary>Give back what was exported, unchanged. False when the server has no memory, or it cannot be what was exported.</summary>
        public bool ImportMemory(byte[] blob) => blob.Length > 0 && blob.Length <= 65536 && Ask(MemoryOp.Import, Array.Empty<long>(), blob);

        bool Ask(MemoryOp op, IReadOnlyList<long> facts, byte[] blob)
        {
            if (!HasMemory) return false;
            Session.Send(writer => ClientMessages.Memory(writer, op, facts, blob));
            return true;
        }

        /// <summary>Do something in the room beside speaking; <see cref="RoomChanged"/> follows. False outside of a room, or without whom to give the word.</summary>
        public bool DoInRoom(RoomOp op, string to = "")
        {
            if (Room == null || Settings.Hello.Viewer || (op == RoomOp.Give) != (to.Length > 0)) return false;
            Session.Send(writer => ClientMessages.Room(writer, op, to));
            return true;
        }

        /// <summary>The room as it was told last; null outside of rooms.</summary>
        public RoomState? Room { get; private set; }

        /// <summary>The companion that is heard, as RoomCompanion.Key has it; empty: none.</summary>
        public string Floor { get; private set; } = "";

        /// <summary>End the conversation for good.</summary>
        public void Close()
        {
            Ear.Close();
            Session.Close();
        }

        public void Dispose() => Close();

        // ------------------------------------------------------------------------------------------ time passes

        /// <summary>Keeps the connection and the reports going; from any thread, 10 times a second or more, also while the game stands still.</summary>
        public void Pump(double now)
        {
            if (!Monitor.TryEnter(_pumping)) return;
            try
            {
                Session.Tick(now);
                if (Session.Status == SessionStatus.Open && Together.Due(1000 * now)) Session.SendNow(writer => ClientMessages.Ping(writer, Math.Max(0, 1000 * _clock())));
                if (Interlocked.Exchange(ref _mended, 0) == 1) _reporter.Soon();
                _reporter.Step(now);
            }
            finally
            {
                Monitor.Exit(_pumping);
            }
        }

        /// <summary>One frame: raises events, and brings <see cref="Timeline"/> to what is heard at <paramref name="now"/>.</summary>
        public void Update(double now)
        {
            double step = Math.Max(0, now - _now);
            _now = now;
            Pump(now);
            while (_changes.TryDequeue(out (SessionStatus status, SessionFault? fault) change))
            {
                if (change.status == SessionStatus.Waiting || change.status == SessionStatus.Over) Become(CompanionState.Idle);
                StatusChanged?.Invoke(change.status, change.fault);
            }
            while (_inbox.TryRead(out int count) is { } message) _reader.Read(message, 0, count, this);
            if (_playout != null)
                while (_playout.Points.TryRead(out Point point)) _timeline.Add(point);
            double heard = Voice.Heard(now);
            if (heard >= 0) _timeline.Advance(heard);
            if (_playout != null && Together.Room) _playout.Speed = _timeline.Running ? Together.Speed(_timeline.Turn, _timeline.Pts, 1000 * now) : 1;
            Session.Dry = _unfinished > 0 && !_timeline.Running;
            while (_timeline.Next(out Heard due)) Tell(due);
            Emotion.Step(step);
            Subtitles.Step(now);
            Tools.Step(now);
            Ear.Step(now);
            Recording?.Step();
            if (Session.Status == SessionStatus.Open) Context.Step(now, _sendContext);
        }

        void Tell(in Heard due)
        {
            Subtitles.Take(due, _now);
            if (due.Kind == HeardKind.Cue && due.Emotion && !Emotion.Feel(due.Text, due.Intensity)) UnknownEmotion?.Invoke(due.Text);
            HeardNow?.Invoke(due);
            if (due.Kind == HeardKind.Began) Floors(_whose.TryGetValue(due.Turn, out string? speaks) ? speaks : "main");
            else if (due.Kind == HeardKind.Ended)
            {
                _whose.Remove(due.Turn);
                Floors("");
            }
        }

        void Floors(string companion)
        {
            if (companion == Floor) return;
            Floor = companion;
            FloorChanged?.Invoke(companion);
        }

        void SendTools()
        {
            if (Session.Status == SessionStatus.Open || Session.Status == SessionStatus.Lost) Session.Send(writer => ClientMessages.Tools(writer, Tools.Specs));
        }

        void Become(CompanionState state)
        {
            if (state == State) return;
            State = state;
            StateChanged?.Invoke(state);
        }

        // ------------------------------------------------------------------------------------------ from the receiving thread

        internal void Changed(SessionStatus status, SessionFault? fault) => _changes.Enqueue((status, fault));

        internal void Mended() => Volatile.Write(ref _mended, 1);

        // ------------------------------------------------------------------------------------------ what the server says

        void IServerMessages.OnWelcome(Welcome welcome)
        {
            if (welcome.Resumed) Ear.Mended();
            else
            {
                Room = null;
                _whose.Clear();
                Floors("");
                Begin(welcome);
            }
            Welcomed?.Invoke(welcome);
        }

        void Begin(Welcome welcome)
        {
            bool same = _playout != null && _playout == Voice.Playout && Same(_timeline.Format, welcome.Face);
            _playout = Voice.Playout;
            if (same) _timeline.NewSession();
            else _timeline = new Timeline(welcome.Face, welcome.Rate);
            _unfinished = 0;
            Become(CompanionState.Idle);
            Emotion.Feel("neutral", 1);
            Tools.Interrupted(long.MaxValue);
            if (Tools.Specs.Count > 0) Session.Send(writer => ClientMessages.Tools(writer, Tools.Specs));
            Context.Resend(_now);
            Ear.NewSession();
        }

        static bool Same(FaceFormat one, FaceFormat other)
        {
            if (one.Fps != other.Fps || one.Width != other.Width) return false;
            for (int index = 0; index < one.Width; index++)
                if (one.Names[index] != other.Names[index] || one.Low[index] != other.Low[index] || one.High[index] != other.High[index]) return false;
            return true;
        }

        void IServerMessages.OnState(CompanionState state, long turn) => Become(state);

        void IServerMessages.OnTranscript(in Transcript transcript)
        {
            Subtitles.Take(transcript);
            Transcribed?.Invoke(transcript);
        }

        void IServerMessages.OnReplyStart(long turn, long seq, long utterance, string companion)
        {
            _unfinished = turn;
            if (companion != "main" && _whose.Count < MostTurns) _whose[turn] = companion;
        }

        void IServerMessages.OnWord(in Word word) => _timeline.Add(word);

        void IServerMessages.OnMedia(in Media media) => _timeline.Add(media, _now);

        void IServerMessages.OnCue(in Cue cue) => _timeline.Add(cue);

        void IServerMessages.OnToolCall(ToolCall call) => Tools.Call(call, _now);

        void IServerMessages.OnInterrupted(long turn, long seq, long pts)
        {
            if (turn >= _unfinished) _unfinished = 0;
            _timeline.Drop(turn);
            Tools.Interrupted(turn);
        }

        void IServerMessages.OnReplyEnd(in ReplyEnd end)
        {
            if (end.Turn >= _unfinished) _unfinished = 0;
        }

        void IServerMessages.OnIdentity(Identity identity) => IdentityChanged?.Invoke(identity);

        void IServerMessages.OnMemory(MemoryAnswer answer) => MemoryTold?.Invoke(answer);

        void IServerMessages.OnRoom(RoomState room)
        {
            Room = room;
            RoomChanged?.Invoke(room);
        }

        void IServerMessages.OnSaid(in Said said) => OtherSaid?.Invoke(said);

        void IServerMessages.OnError(ServerError error) => Failed?.Invoke(error);

        void IServerMessages.OnPong(double stamp, double server) { }

        void IEarSink.Mic(long pts, byte[] data, int offset, int count) => Session.SendMic(pts, data, offset, count);

        // Worth nothing late: a mended connection has the key as up, and the ear presses it again.
        void IEarSink.Talk(bool on, long pts) => Session.SendNow(writer => ClientMessages.Talk(writer, on, pts));
    }
}
