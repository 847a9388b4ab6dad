// A scripted server for the components: it heeds the playhead as the bridge does, and every sample and every face frame that it
// sends tells its own place in the turn, so that what is heard and what is shown can be compared.
using System;
using System.Collections.Generic;
using System.Text;
using CompanionBridge;

public sealed class Studio : ITransport
{
    public const int Rate = 24000, Fps = 60, Cycle = 4000, FaceCycle = 200; // samples; frames: 20 cycles of the sound
    const int Samples = 2400;
    const int Shifted = 24; // mouthSmileRight is half a cycle ahead: while one of the two begins anew, the other tells
    static readonly string[] Words = { "comets", "are", "dirty", "snowballs", "that", "shine." };

    readonly MessagePackReader _reader = new MessagePackReader();
    readonly MessagePackWriter _writer = new MessagePackWriter();
    readonly byte[] _pcm = new byte[2 * Samples];
    readonly byte[] _face;
    readonly string[] _names;
    ITransportEvents _events;
    static long _seq; // a resumed session goes on counting
    long _sent, _length, _heard;
    int _mics;
    double _ping = -1;
    bool _playing, _welcome, _resume;

    public Studio(string[] names)
    {
        _names = names;
        _face = new byte[6 * names.Length];
    }

    public long Turn { get; private set; }
    public long Playhead { get; private set; }
    public long PlayheadTurn { get; private set; }
    public int Reports { get; private set; }
    public bool Stalled { get; set; }
    public bool Dead { get; set; } // half open: takes everything, says nothing
    public bool Gone { get; private set; }
    public long MicPts { get; private set; } // of the last frame of the microphone
    public Value Hello { get; private set; } // the last one
    public Value Asked { get; private set; } = Value.Null; // of the memory, the last
    public Value InRoom { get; private set; } = Value.Null; // the last `room` or `text`
    public readonly Dictionary<string, int> Got = new Dictionary<string, int>();
    public int Mics => _mics;

    public string Url { get; private set; } = "";

    public void Open(string url, string subprotocol, ITransportEvents events)
    {
        Url = url;
        _events = events;
        _welcome = true;
    }

    public bool Send(byte[] buffer, int offset, int count)
    {
        _reader.Reset(buffer, offset, count);
        int fields = _reader.ReadMap();
        _reader.ReadKey();
        Segment type = _reader.ReadKey();
        if (type.Is("playhead"))
        {
            for (int field = 1; field < fields; field++)
            {
                Segment key = _reader.ReadKey();
                long value = _reader.ReadInt();
                if (key.Is("turn")) PlayheadTurn = value;
                else if (key.Is("pts")) Playhead = value;
            }
            Reports++;
            if (PlayheadTurn == Turn) _heard = Playhead;
            return true;
        }
        if (type.Is("ping"))
        {
            _reader.ReadKey();
            _ping = _reader.ReadFloat();
            return true;
        }
        if (type.Is("mic"))
        {
            _reader.ReadKey();
            MicPts = _reader.ReadInt();
            _mics++;
            return true;
        }
        string name = Encoding.ASCII.GetString(type.Buffer, type.Offset, type.Count);
        Got[name] = (Got.TryGetValue(name, out int before) ? before : 0) + 1;
        if (name == "hello" || name == "memory" || name == "room" || name == "text")
        {
            MessagePackReader whole = new MessagePackReader();
            whole.Reset(buffer, offset, count);
            Value said = Value.Read(whole);
            if (name == "hello") Hello = said;
            else if (name == "memory") Asked = said;
            else InRoom = said;
        }
        if (name == "hello") for (int field = 1; field < fields; field++)
        {
            if (_reader.ReadKey().Is("resume")) _resume = true;
            _reader.Skip();
        }
        return true;
    }

    public void Close() => Gone = true;

    public void Abort() => Gone = true;

    public void End(int code, string reason = "")
    {
        Gone = true;
        _events.OnClosed(this, code, reason);
    }

    /// <summary>Begin a turn of so many seconds.</summary>
    public void Say(long turn, double seconds, string companion = "main")
    {
        Turn = turn;
        _sent = _heard = 0;
        _length = (long)(seconds * 48000);
        _playing = true;
        Says("{\"type\":\"reply_start\",\"turn\":" + turn + ",\"seq\":" + ++_seq + ",\"companion\":\"" + companion + "\"}");
    }

    public static long NextSeq() => ++_seq;

    public void Says(string json) => Says(Json.Parse(json));

    public void Says(Value message)
    {
        _writer.Clear();
        message.Write(_writer);
        _events.OnReceived(this, _writer.Buffer, 0, _writer.Count);
    }

    public void Interrupt()
    {
        _playing = false;
        Says("{\"type\":\"interrupted\",\"turn\":" + Turn + ",\"seq\":" + ++_seq + ",\"pts\":0}");
    }

    /// <summary>Send what is due: no more than 300 ms ahead of the playhead.</summary>
    public void Step(double now)
    {
        if (Gone || Dead) return;
        if (_welcome)
        {
            _welcome = false;
            _events.OnOpened(this);
            Welcome();
        }
        if (_ping >= 0) Pong();
        while (_playing && !Stalled && _sent < _length && _sent - _heard < 14400 + 4800)
        {
            Media();
            if (_sent < _length) continue;
            _playing = false;
            Says("{\"type\":\"reply_end\",\"turn\":" + Turn + ",\"seq\":" + ++_seq + ",\"pts\":" + _length + ",\"text\":\"comets\"}");
        }
    }

    void Pong()
    {
        _writer.Clear();
        int map = _writer.Begin();
        _writer.Field(map, "type").String("pong");
        _writer.Field(map, "stamp").Float(_ping);
        _writer.Field(map, "server").Float(1);
        _ping = -1;
        _events.OnReceived(this, _writer.Buffer, 0, _writer.Count);
    }

    void Welcome()
    {
        string names = "", ranges = "";
        foreach (string each in _names)
        {
            names += (names.Length > 0 ? "," : "") + "\"" + each + "\"";
            ranges += (ranges.Length > 0 ? "," : "") + (Array.IndexOf(FaceNames.Head, each) >= 0 ? "[-0.5,0.49609375]" : "[0,1]");
        }
        Says("{\"type\":\"welcome\",\"version\":1,\"server\":\"studio\",\"session\":\"s\",\"token\":\"t\",\"resumed\":" + (_resume ? "true" : "false") + ",\"seq\":0,\"resume_s\":60.0,\"lead_ms\":300," +
            "\"audio\":{\"codec\":\"pcm_s16le\",\"rate\":24000},\"face\":{\"profile\":\"arkit52\",\"fps\":60,\"names\":[" + names + "],\"ranges\":[" + ranges + "]}," +
            "\"identity\":{\"name\":\"Mira\",\"locale\":\"de\",\"disclosure\":\"Mira ist eine KI, kein Mensch.\",\"portrait\":\"/pictures/a.png\",\"head\":\"/heads/a.glb\"},\"engines\":{},\"limits\":{\"message_bytes\":294912,\"text_chars\":2000,\"messages_per_s\":200,\"idle_s\":600.0},\"features\":[\"memory\"]}");
    }

    void Media()
    {
        long first = _sent / 2, frame = _sent / 800;
        for (int index = 0; index < Samples; index++)
        {
            short value = (short)((first + index) % Cycle * 4 + 2000);
            _pcm[2 * index] = (byte)value;
            _pcm[2 * index + 1] = (byte)(value >> 8);
        }
        for (int index = 0; index < _face.Length; index++) _face[index] = (byte)((frame + index / _names.Length + (index % _names.Length == Shifted ? FaceCycle / 2 : 0)) % FaceCycle);
        if (frame % 30 == 0)
        {
            _writer.Clear();
            int text = _writer.Begin();
            _writer.Field(text, "type").String("text");
            _writer.Field(text, "turn").Int(Turn);
            _writer.Field(text, "seq").Int(++_seq);
            _writer.Field(text, "text").String(Words[frame / 30 % Words.Length]);
            _writer.Field(text, "pts").Int(_sent);
            _writer.Field(text, "end").Int(_sent + 4000);
            _events.OnReceived(this, _writer.Buffer, 0, _writer.Count);
        }
        _writer.Clear();
        int map = _writer.Begin();
        _writer.Field(map, "type").String("media");
        _writer.Field(map, "turn").Int(Turn);
        _writer.Field(map, "seq").Int(++_seq);
        _writer.Field(map, "pts").Int(_sent);
        _writer.Field(map, "pcm").Bytes(_pcm, 0, _pcm.Length);
        _writer.Field(map, "face_pts").Int(_sent);
        _writer.Field(map, "face").Bytes(_face, 0, _face.Length);
        _writer.Field(map, "source").String("exact");
        _events.OnReceived(this, _writer.Buffer, 0, _writer.Count);
        _sent += 4800;
    }
}
