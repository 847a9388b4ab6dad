#nullable enable
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace CompanionBridge
{
    /// <summary>
    /// One conversation over one WebSocket after another: hello, resume, nothing twice, nothing of a cut reply.
    /// It knows no clock but the seconds it is given, plays nothing, and may be called from any thread.
    /// </summary>
    public sealed class Session : ITransportEvents
    {
        const int MostQueued = 64; // messages that wait for a lost connection

        readonly object _gate = new object();
        readonly SessionSettings _settings;
        readonly Func<ITransport> _connect;
        readonly ISessionEvents _events;
        readonly ServerReader _reader = new ServerReader();
        readonly SessionSink _sink;
        readonly MessagePackWriter _writer = new MessagePackWriter();
        readonly Queue<byte[]> _queue = new Queue<byte[]>();
        readonly Backoff _mending, _waiting;
        internal readonly Admission Admitted = new Admission();

        ITransport? _transport;
        Welcome? _welcome;
        ServerError? _fatal;
        SessionStatus _status = SessionStatus.Idle;
        bool _welcomed, _heard, _pinged, _tokenDue;
        int _ticket;
        double _deadline, _retryAt = double.NaN, _lostAt = double.NaN, _heardAt, _pingAt;
        (int code, string reason)? _closed;

        public Session(SessionSettings settings, Func<ITransport> connect, ISessionEvents events)
        {
            _settings = settings;
            _connect = connect;
            _events = events;
            _sink = new SessionSink(this, events);
            Random random = new Random(settings.Seed);
            _mending = new Backoff(0.25, 4, random);
            _waiting = new Backoff(1, 30, random);
            _waiting.Next();
        }

        /// <summary>The last welcome; null before the first.</summary>
        public Welcome? Welcome => _welcome;

        public SessionStatus Status => _status;

        /// <summary>Why it is over or waits.</summary>
        public SessionFault? Fault { get; private set; }

        /// <summary>The last turn that the server began.</summary>
        public long Turn { get { lock (_gate) return Admitted.Turn; } }

        /// <summary>The last seq received.</summary>
        public long Seq { get { lock (_gate) return Admitted.Seq; } }

        /// <summary>Round trip of the last ping, s; NaN before the first.</summary>
        public double RoundTrip { get; internal set; } = double.NaN;

        /// <summary>Messages that were dropped because the queue of a lost connection was full.</summary>
        public int Dropped { get; private set; }

        double _now;
        bool _dry;

        /// <summary>A turn has begun and not ended, and nothing of it waits to be played: a silent line is suspect then.</summary>
        public bool Dry { get => Volatile.Read(ref _dry); set => Volatile.Write(ref _dry, value); }

        // ---------------------------------------------------------------------------------------- what is asked of it

        public void Open(double now)
        {
            lock (_gate)
            {
                if (_status != SessionStatus.Idle && _status != SessionStatus.Over && _status != SessionStatus.Waiting) return;
                _now = now;
                _lostAt = _retryAt = double.NaN;
                Tell(SessionStatus.Connecting, null);
                Connect();
            }
        }

        /// <summary>Time passes: resume, give up, ping. Call it 10 times a second or more.</summary>
        public void Tick(double now)
        {
            lock (_gate)
            {
                _now = now;
                if (_closed is { } closed)
                {
                    _closed = null;
                    _transport = null;
                    Closed(closed.code, closed.reason);
                }
                if (_heard) _heardAt = now;
                _heard = false;
                if (now >= _retryAt) Retry();
                else if (_tokenDue && now > _deadline)
                {
                    _tokenDue = false;
                    End(new SessionFault("no_token", "No access token came within " + (int)_settings.OpenSeconds + " s."));
                }
                else if (_transport != null && !_welcomed && now > _deadline) Sever();
                else if (_welcomed) KeepAlive();
            }
        }

        /// <summary>The network has just come back: try now instead of after the pause, and drop an attempt that hangs.</summary>
        public void Hurry(double now)
        {
            lock (_gate)
            {
                _now = now;
                if (_welcomed || (_status != SessionStatus.Lost && _status != SessionStatus.Waiting)) return;
                _transport?.Abort();
                _transport = null;
                _mending.Clear();
                _mending.Next();
                Retry();
            }
        }

        /// <summary>Take the connection for lost; it is mended.</summary>
        public void Sever()
        {
            lock (_gate)
            {
                if (_transport == null) return;
                _transport.Abort();
                _closed = (1006, "");
            }
        }

        /// <summary>End the session for good.</summary>
        public void Close()
        {
            lock (_gate)
            {
                if (_status == SessionStatus.Over) return;
                Leave();
                Finish(null);
            }
        }

        /// <summary>Nothing more of turns up to this one is passed on.</summary>
        public void Forget(long turn)
        {
            lock (_gate) Admitted.Forget(turn);
        }

        /// <summary>Send what <paramref name="write"/> writes; it waits while the connection is being mended.</summary>
        public void Send(Action<MessagePackWriter> write)
        {
            lock (_gate)
            {
                if (_status == SessionStatus.Over) return;
                _writer.Clear();
                write(_writer);
                if (_welcomed && _transport!.Send(_writer.Buffer, 0, _writer.Count)) return;
                if (_queue.Count < MostQueued) _queue.Enqueue(_writer.ToArray());
                else Dropped++;
            }
        }

        /// <summary>Send what <paramref name="write"/> writes, or nothing while there is no connection.</summary>
        public void SendNow(Action<MessagePackWriter> write)
        {
            lock (_gate)
            {
                if (!_welcomed) return;
                _writer.Clear();
                write(_writer);
                _transport!.Send(_writer.Buffer, 0, _writer.Count);
            }
        }

        /// <summary>Microphone sound; worth nothing late, so it is dropped while there is no connection.</summary>
        public void SendMic(long pts, byte[] data, int offset, int count)
        {
            lock (_gate)
            {
                if (!_welcomed) return;
                _writer.Clear();
                ClientMessages.Mic(_writer, pts, data, offset, count);
                _transport!.Send(_writer.Buffer, 0, _writer.Count);
            }
        }

        public void SendPlayhead(long turn, long pts)
        {
            lock (_gate)
            {
                if (!_welcomed) return;
                _writer.Clear();
                ClientMessages.Playhead(_writer, turn, pts, Admitted.Seq);
                _transport!.Send(_writer.Buffer, 0, _writer.Count);
            }
        }

        // ---------------------------------------------------------------------------------------- what becomes of it

        void ITransportEvents.OnOpened(ITransport from)
        {
            lock (_gate)
            {
                if (from != _transport) return;
                Hello hello = _settings.Hello;
                bool resume = _welcome != null && !double.IsNaN(_lostAt) && !hello.Viewer;
                _writer.Clear();
                ClientMessages.Hello(_writer, hello, resume ? _welcome!.Session : "", resume ? _welcome!.Token : "", Admitted.Seq);
                _transport!.Send(_writer.Buffer, 0, _writer.Count);
            }
        }

        void ITransportEvents.OnReceived(ITransport from, byte[] buffer, int offset, int count)
        {
            lock (_gate)
            {
                if (from != _transport || _status == SessionStatus.Over) return;
                _heard = true;
                try
                {
                    _sink.Place(buffer, offset, count);
                    _reader.Read(buffer, offset, count, _sink);
                }
                catch (WireException error)
                {
                    End(new SessionFault("bad_message", _settings.Url + " sent something that is not a message: " + error.Message));
                }
            }
        }

        void ITransportEvents.OnClosed(ITransport from, int code, string reason)
        {
            lock (_gate)
            {
                if (from == _transport) _closed = (code, reason);
            }
        }

        internal void Greeted(Welcome welcome)
        {
            if (welcome.Version != 1)
            {
                End(new SessionFault("unsupported_version", "The server speaks version " + welcome.Version + " of the protocol, this client version 1."));
                return;
            }
            if (!welcome.Resumed) Admitted.Clear(welcome.Seq);
            _welcome = welcome;
            _welcomed = true;
            _fatal = null;
            _lostAt = _retryAt = double.NaN;
            _heardAt = _now;
            _pingAt = double.NegativeInfinity; // the first at once: it tells the round trip
            _pinged = false;
            _mending.Clear();
            _waiting.Clear();
            _waiting.Next();
        }

        /// <summary>Who speaks has changed on the server.</summary>
        internal void Renamed(Identity identity)
        {
            if (_welcome != null) _welcome.Identity = identity;
        }

        /// <summary>After the listener has taken the welcome: what waited goes out.</summary>
        internal void Settled()
        {
            if (!_welcomed) return;
            Tell(SessionStatus.Open, null);
            while (_queue.Count > 0)
            {
                byte[] data = _queue.Dequeue();
                _transport!.Send(data, 0, data.Length);
            }
        }

        internal void Failed(ServerError error)
        {
            if (error.Fatal || error.Code == "going_away") _fatal = error;
        }

        internal void Ponged(double stamp) => RoundTrip = Math.Max(0, _now - stamp / 1000);

        /// <summary>The server sends more than can be held.</summary>
        internal void Unpaced() => End(new SessionFault("unpaced", "The server sent more than can be held: it does not heed the playhead."));

        void Closed(int code, string reason)
        {
            bool welcomed = _welcomed || !double.IsNaN(_lostAt);
            _welcomed = false;
            if (_status == SessionStatus.Over) return;
            CloseVerdict verdict = Closes.Of(code, reason, _fatal);
            ServerError? fatal = _fatal;
            _fatal = null;
            if (verdict == CloseVerdict.Bye) Finish(new SessionFault("closed", "The server ended the conversation."));
            else if (verdict == CloseVerdict.Ended || (fatal != null && !welcomed)) End(Closes.Fault(code, reason, fatal));
            else if (welcomed && _welcome != null) Mend();
            else if (code == 4000) End(Closes.Fault(code, reason, fatal));
            else End(new SessionFault("unreachable", "Nothing answers at " + _settings.Url + "; is the bridge running?"));
        }

        void Mend()
        {
            if (double.IsNaN(_lostAt))
            {
                _lostAt = _now;
                _mending.Clear();
                Tell(SessionStatus.Lost, null);
            }
            double pause = _mending.Next();
            if (_now + pause - _lostAt > _welcome!.ResumeSeconds) End(new SessionFault("connection_lost", "The connection to " + _settings.Url + " was lost and could not be mended in time."));
            else if (pause == 0) Connect();
            else _retryAt = _now + pause;
        }

        // In order where there is a session, so that the server need not keep it.
        void Leave()
        {
            if (_welcomed)
            {
                _writer.Clear();
                ClientMessages.Bye(_writer);
                _transport!.Send(_writer.Buffer, 0, _writer.Count);
                _transport.Close();
            }
            else _transport?.Abort();
            _transport = null;
        }

        // Over, or a new session after a while.
        void End(SessionFault fault)
        {
            Leave();
            _closed = null;
            _welcomed = _tokenDue = false;
            _lostAt = double.NaN;
            if (!_settings.KeepTrying || !fault.Passing)
            {
                Finish(fault);
                return;
            }
            _retryAt = _now + Math.Max(fault.RetryAfter, _waiting.Next());
            Tell(SessionStatus.Waiting, fault);
        }

        void Finish(SessionFault? fault)
        {
            _welcomed = _tokenDue = false;
            _transport = null;
            _retryAt = _lostAt = double.NaN;
            _queue.Clear();
            Tell(SessionStatus.Over, fault);
        }

        void Retry()
        {
            _retryAt = double.NaN;
            if (_status == SessionStatus.Waiting) Tell(SessionStatus.Connecting, Fault);
            Connect();
        }

        void Connect()
        {
            _deadline = _now + _settings.OpenSeconds;
            _closed = null;
            _tokenDue = false;
            if (_settings.FreshToken == null) Dial();
            else Ask(++_ticket, _settings.FreshToken);
        }

        void Dial()
        {
            _transport = _connect();
            _transport.Open(_settings.Url, SessionSettings.Subprotocol, this);
        }

        async void Ask(int ticket, Func<Task<string>> fresh)
        {
            _tokenDue = true;
            string token = "";
            try
            {
                token = await fresh().ConfigureAwait(false);
            }
            catch (Exception error) // the game's code: whatever it throws, there is no token
            {
                Untold?.Invoke(error);
            }
            lock (_gate)
            {
                if (!_tokenDue || ticket != _ticket) return; // of an attempt that is over
                _tokenDue = false;
                if (token.Length == 0)
                {
                    End(new SessionFault("no_token", "There is no access token to be had."));
                    return;
                }
                _settings.Hello.Token = token;
                _deadline = _now + _settings.OpenSeconds;
                Dial();
            }
        }

        /// <summary>What the game's code threw when it was asked for a token; on any thread.</summary>
        public event Action<Exception>? Untold;

        void KeepAlive()
        {
            bool dry = Volatile.Read(ref _dry);
            double patience = dry ? _settings.DryDeadSeconds : _settings.DeadSeconds;
            if (_pinged && _now - _heardAt > patience && _now - _pingAt > patience)
            {
                Sever();
                return;
            }
            double since = dry ? _now - Math.Max(_heardAt, _pingAt) : _now - _pingAt;
            if (since < (dry ? _settings.DryPingSeconds : _settings.PingSeconds) || (_pinged && _heardAt < _pingAt)) return;
            _pingAt = _now;
            _pinged = true;
            _writer.Clear();
            ClientMessages.Ping(_writer, Math.Max(0, 1000 * _now));
            _transport!.Send(_writer.Buffer, 0, _writer.Count);
        }

        void Tell(SessionStatus status, SessionFault? fault)
        {
            _status = status;
            Fault = fault;
            _events.OnStatus(status, fault);
        }
    }
}
