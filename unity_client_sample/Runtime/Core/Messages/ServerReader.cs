#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// Reads one server message and hands it to an <see cref="IServerMessages"/>; unknown types and fields are skipped.
    /// Media allocates nothing. Not thread-safe: one reader for each thread.
    /// </summary>
    public sealed class ServerReader
    {
        [Flags]
        enum Has
        {
            None = 0, Turn = 1 << 0, Seq = 1 << 1, Pts = 1 << 2, End = 1 << 3, Text = 1 << 4, Utterance = 1 << 5, Name = 1 << 6, Kind = 1 << 7, Call = 1 << 8,
            Code = 1 << 9, State = 1 << 10, Final = 1 << 11, Stamp = 1 << 12, Server = 1 << 13, Pcm = 1 << 14, FacePts = 1 << 15, Face = 1 << 16,
            Source = 1 << 17, Intensity = 1 << 18, Arguments = 1 << 19, Timeout = 1 << 20, Reason = 1 << 21, Message = 1 << 22, Fatal = 1 << 23, Retry = 1 << 24,
            Gap = 1 << 25, Sources = 1 << 26, Identity = 1 << 27, At = 1 << 28, Companion = 1 << 29,
        }

        readonly MessagePackReader _reader = new MessagePackReader();
        Has _has;
        long _turn, _seq, _pts, _end, _facePts, _utterance, _call, _timeout;
        Segment _pcm, _face;
        string _companion = "main", _text = "", _gap = " ", _name = "", _kind = "", _code = "", _state = "", _reason = "";
        FaceSource _source;
        bool _final, _fatal;
        double _intensity, _retry, _stamp, _server, _at;
        Value _arguments = Value.Null;
        Passage[] _sources = Passage.None;
        Identity? _identity;

        /// <summary>Whether the type was known. WireException when the bytes are no message.</summary>
        public bool Read(byte[] buffer, int offset, int count, IServerMessages sink)
        {
            _reader.Reset(buffer, offset, count);
            if (_reader.Peek() != WireType.Map) throw new WireException("a message is a map, this is a " + _reader.Peek());
            int fields = _reader.ReadMap();
            int start = _reader.Position;
            Segment type = Type(fields);
            _reader.Position = start;
            if (type.Is("welcome"))
            {
                _reader.Position = offset;
                Welcome welcome = WelcomeReader.Read(Value.Read(_reader));
                Finish();
                sink.OnWelcome(welcome);
                return true;
            }
            if (type.Is("memory"))
            {
                _reader.Position = offset;
                MemoryAnswer answer = MemoryAnswer.Read(Value.Read(_reader));
                Finish();
                sink.OnMemory(answer);
                return true;
            }
            if (type.Is("room") || type.Is("said"))
            {
                bool told = type.Is("said");
                _reader.Position = offset;
                Value map = Value.Read(_reader);
                Finish();
                if (told) sink.OnSaid(Said.Read(map));
                else sink.OnRoom(RoomState.Read(map));
                return true;
            }
            Clear();
            Has takes = Takes(type);
            for (int index = 0; index < fields; index++)
            {
                Has field = Field(_reader.ReadKey()) & takes;
                if (field == Has.None) _reader.Skip();
                else Take(field);
            }
            Finish();
            return Dispatch(type, sink);
        }

        void Finish()
        {
            if (!_reader.AtEnd) throw new WireException("bytes follow the message");
        }

        Segment Type(int fields)
        {
            Segment? found = null;
            for (int index = 0; index < fields; index++)
            {
                Segment key = _reader.ReadKey();
                if (key.Is("type"))
                {
                    found = _reader.ReadKey();
                    if (index == 0) return found.Value; // the common case; a repeated key is not looked for
                }
                else _reader.Skip();
            }
            return found ?? throw new WireException("a message has no type");
        }

        void Clear()
        {
            _has = Has.None;
            _turn = _seq = _pts = _end = _facePts = _utterance = _call = 0;
            _timeout = 10000;
            _pcm = _face = Segment.Empty;
            _text = _name = _kind = _code = _state = _reason = "";
            _gap = " ";
            _companion = "main";
            _source = FaceSource.None;
            _final = _fatal = false;
            _intensity = 1;
            _retry = _stamp = _server = _at = 0;
            _arguments = Value.Null;
            _sources = Passage.None;
            _identity = null;
        }

        // A field is known only in the types that have it: elsewhere a later version may use its name otherwise.
        static Has Takes(Segment type)
        {
            if (type.Is("media")) return Has.Turn | Has.Seq | Has.Pts | Has.Pcm | Has.FacePts | Has.Face | Has.Source | Has.At;
            if (type.Is("text")) return Has.Turn | Has.Seq | Has.Text | Has.Pts | Has.End | Has.Gap;
            if (type.Is("state")) return Has.State | Has.Turn;
            if (type.Is("transcript")) return Has.Utterance | Has.Text | Has.Final | Has.Seq;
            if (type.Is("reply_start")) return Has.Turn | Has.Seq | Has.Utterance | Has.Companion;
            if (type.Is("cue")) return Has.Turn | Has.Seq | Has.Pts | Has.Kind | Has.Name | Has.Intensity;
            if (type.Is("tool_call")) return Has.Turn | Has.Seq | Has.Call | Has.Name | Has.Arguments | Has.Timeout;
            if (type.Is("interrupted")) return Has.Turn | Has.Seq | Has.Pts;
            if (type.Is("reply_end")) return Has.Turn | Has.Seq | Has.Pts | Has.Text | Has.Reason | Has.Sources;
            if (type.Is("identity")) return Has.Identity;
            if (type.Is("error")) return Has.Code | Has.Message | Has.Fatal | Has.Turn | Has.Retry;
            if (type.Is("pong")) return Has.Stamp | Has.Server;
            return Has.None;
        }

        static Has Field(Segment key)
        {
            switch (key.Count)
            {
                case 2: return key.Is("at") ? Has.At : Has.None;
                case 3: return key.Is("seq") ? Has.Seq : key.Is("pts") ? Has.Pts : key.Is("pcm") ? Has.Pcm : key.Is("end") ? Has.End : key.Is("gap") ? Has.Gap : Has.None;
                case 4:
                    if (key.Is("turn")) return Has.Turn;
                    if (key.Is("face")) return Has.Face;
                    if (key.Is("text")) return Has.Text;
                    return key.Is("kind") ? Has.Kind : key.Is("name") ? Has.Name : key.Is("call") ? Has.Call : key.Is("code") ? Has.Code : Has.None;
                case 5: return key.Is("state") ? Has.State : key.Is("final") ? Has.Final : key.Is("fatal") ? Has.Fatal : key.Is("stamp") ? Has.Stamp : Has.None;
                case 6: return key.Is("source") ? Has.Source : key.Is("reason") ? Has.Reason : key.Is("server") ? Has.Server : Has.None;
                case 7: return key.Is("message") ? Has.Message : key.Is("sources") ? Has.Sources : Has.None;
                case 8: return key.Is("face_pts") ? Has.FacePts : key.Is("identity") ? Has.Identity : Has.None;
                case 9: return key.Is("companion") ? Has.Companion : key.Is("utterance") ? Has.Utterance : key.Is("intensity") ? Has.Intensity : key.Is("arguments") ? Has.Arguments : Has.None;
                case 10: return key.Is("timeout_ms") ? Has.Timeout : Has.None;
                default: return key.Is("retry_after_s") ? Has.Retry : Has.None;
            }
        }

        void Take(Has field)
        {
            _has |= field;
            switch (field)
            {
                case Has.Turn: _turn = Count(); break;
                case Has.Seq: _seq = Count(); break;
                case Has.Pts: _pts = Count(); break;
                case Has.End: _end = Count(); break;
                case Has.FacePts: _facePts = Count(); break;
                case Has.Utterance: _utterance = Count(); break;
                case Has.Call: _call = Count(); break;
                case Has.Timeout: _timeout = Count(); break;
                case Has.Pcm: _pcm = _reader.ReadBytes(); break;
                case Has.Face: _face = _reader.ReadBytes(); break;
                case Has.Source: _source = Source(_reader.ReadString()); break;
                case Has.Text: case Has.Message: _text = _reader.ReadString(); break;
                case Has.Gap: _gap = _reader.ReadString(); break;
                case Has.Companion: _companion = _reader.ReadString(); break;
                case Has.Name: _name = _reader.ReadString(); break;
                case Has.Kind: _kind = _reader.ReadString(); break;
                case Has.Code: _code = _reader.ReadString(); break;
                case Has.State: _state = _reader.ReadString(); break;
                case Has.Reason: _reason = _reader.ReadString(); break;
                case Has.Final: _final = _reader.ReadBool(); break;
                case Has.Fatal: _fatal = _reader.ReadBool(); break;
                case Has.Intensity: _intensity = _reader.ReadFloat(); break;
                case Has.Retry: _retry = _reader.ReadFloat(); break;
                case Has.At: _at = _reader.ReadFloat(); break;
                case Has.Stamp: _stamp = _reader.ReadFloat(); break;
                case Has.Server: _server = _reader.ReadFloat(); break;
                case Has.Arguments: _arguments = Map(); break;
                case Has.Sources: _sources = Sources(); break;
                case Has.Identity: _identity = WelcomeReader.Who(Value.Read(_reader)); break;
            }
        }

        bool Dispatch(Segment type, IServerMessages sink)
        {
            if (type.Is("media"))
            {
                Need(Has.Turn | Has.Pts);
                if ((_pcm.Count & 1) != 0) throw new WireException("media.pcm has half of a sample");
                sink.OnMedia(new Media(_turn, _seq, _pts, _pcm, _facePts, _face, _source, _at));
            }
            else if (type.Is("text"))
            {
                Need(Has.Turn | Has.Seq | Has.Text | Has.Pts | Has.End);
                sink.OnWord(new Word(_turn, _seq, _text, _pts, _end, _gap));
            }
            else if (type.Is("state"))
            {
                Need(Has.State);
                sink.OnState(State(), _turn);
            }
            else if (type.Is("transcript"))
            {
                Need(Has.Utterance | Has.Text | Has.Final);
                sink.OnTranscript(new Transcript(_utterance, _text, _final, _seq));
            }
            else if (type.Is("reply_start"))
            {
                Need(Has.Turn | Has.Seq);
                sink.OnReplyStart(_turn, _seq, _utterance, _companion);
            }
            else if (type.Is("cue"))
            {
                Need(Has.Turn | Has.Seq | Has.Pts | Has.Kind | Has.Name);
                if (_kind != "emotion" && _kind != "gesture") throw new WireException("cue.kind is " + _kind);
                sink.OnCue(new Cue(_turn, _seq, _pts, _kind == "emotion", _name, (float)_intensity));
            }
            else if (type.Is("tool_call"))
            {
                Need(Has.Turn | Has.Seq | Has.Call | Has.Name);
                sink.OnToolCall(new ToolCall(_turn, _seq, _call, _name, _arguments, (int)Math.Min(int.MaxValue, _timeout)));
            }
            else if (type.Is("interrupted"))
            {
                Need(Has.Turn | Has.Seq | Has.Pts);
                sink.OnInterrupted(_turn, _seq, _pts);
            }
            else if (type.Is("reply_end"))
            {
                Need(Has.Turn | Has.Seq | Has.Pts | Has.Text);
                sink.OnReplyEnd(new ReplyEnd(_turn, _seq, _pts, _text, Reason(), _sources));
            }
            else if (type.Is("identity"))
            {
                Need(Has.Identity);
                sink.OnIdentity(_identity!);
            }
            else if (type.Is("error"))
            {
                Need(Has.Code | Has.Message);
                sink.OnError(new ServerError(_code, _text, _fatal, _turn, _retry));
            }
            else if (type.Is("pong"))
            {
                Need(Has.Stamp | Has.Server);
                sink.OnPong(_stamp, _server);
            }
            else return false;
            return true;
        }

        long Count()
        {
            long value = _reader.ReadInt();
            if (value < 0) throw new WireException("a number that counts is " + value);
            return value;
        }

        Value Map()
        {
            if (_reader.Peek() != WireType.Map) throw new WireException("arguments are not a map");
            return Value.Read(_reader);
        }

        Passage[] Sources()
        {
            if (_reader.Peek() != WireType.Array) throw new WireException("sources are not a list");
            System.Collections.Generic.IReadOnlyList<Value> list = Value.Read(_reader).Items;
            Passage[] all = new Passage[Math.Min(list.Count, 4)];
            for (int index = 0; index < all.Length; index++)
            {
                Value each = list[index];
                if (each.Kind != ValueKind.Map || each["title"].Kind != ValueKind.String) throw new WireException("a source has no title");
                long page = each.Has("page") ? each["page"].AsInt() : 0;
                all[index] = new Passage(each["title"].AsString(), each["file"].AsString(""), (int)Math.Min(100000, Math.Max(0, page)), each["quote"].AsString(""));
            }
            return all;
        }

        void Need(Has fields)
        {
            if ((_has & fields) != fields) throw new WireException("a message lacks " + (fields & ~_has));
        }

        CompanionState State()
        {
            switch (_state)
            {
                case "idle": return CompanionState.Idle;
                case "listening": return CompanionState.Listening;
                case "thinking": return CompanionState.Thinking;
                case "speaking": return CompanionState.Speaking;
                case "overlap": return CompanionState.Overlap;
                default: throw new WireException("state is " + _state);
            }
        }

        EndReason Reason()
        {
            switch (_reason)
            {
                case "cut": return EndReason.Cut;
                case "failed": return EndReason.Failed;
                case "too_long": return EndReason.TooLong;
                default: return EndReason.Complete; // reasons may grow
            }
        }

        static FaceSource Source(string text)
        {
            switch (text)
            {
                case "": return FaceSource.None;
                case "exact": return FaceSource.Exact;
                case "aligned": return FaceSource.Aligned;
                case "audio": return FaceSource.Audio;
                default: throw new WireException("media.source is " + text);
            }
        }
    }
}
