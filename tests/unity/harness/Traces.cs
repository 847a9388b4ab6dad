// The whole C# client over playout traces, less its socket and its sound output: `Traces.exe TRACE...`. Writes lines for the judge.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using CompanionBridge;

public static class Traces
{
    public static int Main(string[] args)
    {
        foreach (string path in args)
        {
            Value trace = Json.Parse(File.ReadAllText(path));
            Console.WriteLine("{\"trace\":\"" + trace["name"].AsString() + "\"}");
            Listener listener = new Listener(trace);
            foreach (Value step in trace["steps"].Items)
            {
                double at = step["at"].AsFloat() / 1000;
                if (step.Has("take")) listener.Take(step["take"], at);
                else if (step.Has("stop")) listener.Stop();
                else Console.WriteLine(listener.Pull((int)step["pull"].AsInt(), at));
            }
        }
        return 0;
    }
}

public sealed class Listener
{
    const int Width = 3;
    const double HalfTick = 0.5 / Ticks.PerSecond; // s; a pull is judged by what lies before its end

    readonly Value _trace;
    readonly int _rate, _fps;
    readonly Conversation _talk;
    readonly List<Heard> _later = new List<Heard>(); // falls due with the first sample of the next pull
    readonly float[] _face = new float[Width];
    Line _line;
    long _end; // samples pulled

    public Listener(Value trace)
    {
        _trace = trace;
        _rate = (int)trace["rate"].AsInt();
        _fps = (int)trace["fps"].AsInt();
        _talk = new Conversation(new SessionSettings { Seed = 1 }, () => _line = new Line());
        _talk.Open(0);
        Welcome(false);
        _talk.Update(0);
    }

    void Welcome(bool resumed)
    {
        string ranges = _trace["ranges"].ToString();
        _line.Opens();
        _line.Says(Json.Parse(
            "{\"type\":\"welcome\",\"version\":1,\"server\":\"trace\",\"session\":\"s\",\"token\":\"t\",\"resumed\":" + (resumed ? "true" : "false") +
            ",\"seq\":0,\"resume_s\":60.0,\"lead_ms\":" + _trace["lead_ms"] + ",\"audio\":{\"rate\":" + _rate + "},\"face\":{\"profile\":\"arkit52\",\"fps\":" + _fps +
            ",\"names\":[\"jawOpen\",\"mouthClose\",\"headYaw\"],\"ranges\":" + ranges + "},\"identity\":{\"name\":\"Mira\"},\"engines\":{},\"limits\":" +
            "{\"message_bytes\":294912,\"text_chars\":2000,\"messages_per_s\":200,\"idle_s\":600.0},\"features\":[]}"));
    }

    public void Take(Value message, double at)
    {
        if (message["type"].AsString() == "welcome")
        {
            _line.Ends();
            _talk.Update(at);
            Welcome(message["resumed"].AsBool());
            return;
        }
        Dictionary<string, Value> fields = message.Fields.ToDictionary(field => field.Key, field => field.Value);
        if (message.Has("samples"))
        {
            fields["pcm"] = Value.Of(Pcm(message["turn"].AsInt(), message["pts"].AsInt() * _rate / Ticks.PerSecond, message["samples"].AsInt()));
            fields["face"] = Value.Of(Face(message["turn"].AsInt(), message["face_pts"].AsInt() * _fps / Ticks.PerSecond, message["frames"].AsInt()));
            fields.Remove("samples");
            fields.Remove("frames");
        }
        _line.Says(Value.Of(fields));
    }

    public void Stop() { _talk.Stop(); }

    static byte[] Pcm(long turn, long first, long count)
    {
        byte[] pcm = new byte[2 * count];
        for (long index = 0; index < count; index++)
        {
            long value = ((first + index) * 7919 + turn * 10007) % 65536 - 32768;
            pcm[2 * index] = (byte)value;
            pcm[2 * index + 1] = (byte)(value >> 8);
        }
        return pcm;
    }

    static byte[] Face(long turn, long first, long count)
    {
        byte[] face = new byte[count * Width];
        for (long index = 0; index < face.Length; index++)
        {
            long frame = first + index / Width;
            face[index] = (byte)(turn == 0 ? frame : frame * frame + 50 * (index % Width) + turn);
        }
        return face;
    }

    /// The next `count` samples, 0 for none, from `at` on; what was heard, seen and reported, as the judge takes it.
    public string Pull(int count, double at)
    {
        short[] air = new short[count];
        Playout playout = _talk.Voice.Playout;
        if (count > 0) playout.Read(air, 0, count);
        _end += count;
        _talk.Update(at);
        List<Heard> due = new List<Heard>(_later);
        _later.Clear();
        // A trace with `first` is told the face at the first sample of each pull, not at its end.
        double before = _end - (_trace.Has("first") ? count : HalfTick * _rate);
        _talk.Timeline.Advance(before);
        due.AddRange(Due());
        if (count > 0) _talk.Timeline.Sample(at + count / (double)_rate, 0, _face);
        playout.Playhead(out long turn, out _);
        if (turn != _talk.Timeline.Turn) Edge(due);
        List<string> reports = new List<string>(), interrupts = new List<string>();
        Told(reports, interrupts);
        byte[] bytes = new byte[2 * count];
        Buffer.BlockCopy(air, 0, bytes, 0, bytes.Length);
        return "{\"air\":\"" + Convert.ToBase64String(bytes) + "\",\"words\":" + Texts(due, HeardKind.Word) + ",\"cues\":" + Texts(due, HeardKind.Cue) +
               ",\"face\":[" + string.Join(",", _face.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture))) + "],\"reports\":[" + string.Join(",", reports) +
               "],\"interrupts\":[" + string.Join(",", interrupts) + "]}";
    }

    // A turn that ends with the last sample ends in this pull; what begins with the next sample belongs to the next.
    void Edge(List<Heard> due)
    {
        _talk.Timeline.Advance(_end);
        List<Heard> edge = Due();
        HashSet<long> over = new HashSet<long>(edge.Where(each => each.Kind == HeardKind.Ended).Select(each => each.Turn));
        due.AddRange(edge.Where(each => over.Contains(each.Turn)));
        _later.AddRange(edge.Where(each => !over.Contains(each.Turn)));
    }

    List<Heard> Due()
    {
        List<Heard> due = new List<Heard>();
        while (_talk.Timeline.Next(out Heard heard)) due.Add(heard);
        return due;
    }

    // What the client sent since the last pull or tick.
    void Told(List<string> reports, List<string> interrupts)
    {
        while (_line.Sent.Count > 0)
        {
            Value message = _line.Sent.Dequeue();
            string type = message["type"].AsString();
            if (type == "playhead") reports.Add("[" + message["turn"] + "," + message["pts"] + "," + message["seq"] + "]");
            if (type == "interrupt") interrupts.Add("[" + message["turn"] + "," + message["pts"] + "]");
            if (type == "ping") _line.Says(Json.Parse("{\"type\":\"pong\",\"stamp\":" + message["stamp"] + ",\"server\":1.0}"));
        }
    }

    static string Texts(List<Heard> due, HeardKind kind)
    {
        return "[" + string.Join(",", due.Where(each => each.Kind == kind).Select(each => "\"" + each.Text + "\"")) + "]";
    }
}
