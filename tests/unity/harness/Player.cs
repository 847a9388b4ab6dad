// A companion's client without a game: `Player.exe URL ... [--record]`. Commands come line by line on the standard input, what
// happens goes out as JSON, a line each. A thread takes sound as a sound card would, in blocks of 10 ms by the clock. Of
// several URLs each has a client of its own, and commands are for the first.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CompanionBridge;

public sealed class Player
{
    const int OutputRate = 48000, Block = 480;

    static readonly Stopwatch Clock = Stopwatch.StartNew();

    readonly Conversation _talk;
    static readonly object _out = new object();
    readonly float[] _weights = new float[256];
    readonly Queue<float[]> _microphone = new Queue<float[]>();
    double _peak, _openJaw, _audibleAt = double.NaN;
    int _frames;
    byte[] _blob = new byte[0]; // of the memory, the last that was exported
    static volatile bool _over;

    static double Now => Clock.Elapsed.TotalSeconds;

    Player(SessionSettings settings, bool record)
    {
        _talk = new Conversation(settings, () => new ClientWebSocketTransport(), record);
        _talk.StatusChanged += (status, fault) => Tell("status", "status", status.ToString(), "code", fault?.Code ?? "", "message", fault?.Message ?? "", "retry", fault?.RetryAfter ?? 0);
        _talk.Welcomed += welcome => Tell("welcome", "session", welcome.Session, "resumed", welcome.Resumed, "watch", welcome.Watch, "reason", welcome.Reason, "profile", welcome.Face.Profile);
        _talk.StateChanged += state => Tell("state", "state", state.ToString());
        _talk.Transcribed += transcript => Tell("transcript", "text", transcript.Text, "final", transcript.Final, "utterance", transcript.Utterance);
        _talk.HeardNow += heard => Tell(heard.Kind.ToString().ToLowerInvariant(), "turn", heard.Turn, "pts", heard.Pts, "text", heard.Text, "gap", heard.Gap, "cut", heard.Cut, "reason", heard.Reason.ToString());
        _talk.MemoryTold += answer =>
        {
            if (answer.Blob.Length > 0) _blob = answer.Blob;
            Tell("memory", "op", answer.Op.ToString(), "on", answer.On, "count", answer.Count, "blob", answer.Blob.Length, "facts", string.Join("|", answer.Facts.Select(fact => fact.Id + ":" + fact.Kind + ":" + fact.Text)));
        };
        _talk.Failed += error => Tell("error", "code", error.Code, "message", error.Message);
    }

    public static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Queue<string> commands = new Queue<string>();
        Thread reader = new Thread(() =>
        {
            for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
                lock (commands) commands.Enqueue(line);
            _over = true;
        }) { IsBackground = true };
        reader.Start();
        string[] urls = args.Where(arg => !arg.StartsWith("--")).ToArray();
        List<Thread> others = new List<Thread>();
        foreach (string url in urls.Skip(1))
        {
            Thread other = new Thread(() => Made(url, args).Run(new Queue<string>()));
            other.Start();
            others.Add(other);
        }
        Made(urls[0], args).Run(commands);
        foreach (Thread other in others) other.Join();
        return 0;
    }

    static Player Made(string url, string[] args)
    {
        SessionSettings settings = new SessionSettings { Url = url, Seed = 1, KeepTrying = !args.Contains("--once") };
        settings.Hello.Client = "player";
        settings.Hello.EchoCancelled = true;
        settings.Hello.Features = new[] { "idle_face" };
        foreach (string each in args.Where(arg => arg.StartsWith("--profile="))) settings.Hello.FaceProfile = each.Substring(10);
        foreach (string each in args.Where(arg => arg.StartsWith("--token="))) settings.Hello.Token = each.Substring(8);
        return new Player(settings, args.Contains("--record"));
    }

    void Run(Queue<string> commands)
    {
        Thread speaker = new Thread(Speak) { IsBackground = true };
        speaker.Start();
        _talk.Voice.OutputRate = OutputRate;
        _talk.Open(Now);
        while (!_over)
        {
            _talk.Update(Now);
            Show();
            while (true)
            {
                string command;
                lock (commands)
                {
                    if (commands.Count == 0) break;
                    command = commands.Dequeue();
                }
                Do(command.Split(new[] { ' ' }, 2));
            }
            Thread.Sleep(8);
        }
        _talk.Close();
        Thread.Sleep(300);
    }

    void Show()
    {
        int width = _talk.Timeline.Format.Width;
        if (width == 0) return;
        _talk.Timeline.Sample(Now, 0, _weights);
        _frames++;
        int jaw = _talk.Timeline.Format.IndexOf("jawOpen");
        if (jaw >= 0) _openJaw = Math.Max(_openJaw, _weights[jaw]);
    }

    void Do(string[] words)
    {
        string rest = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "say": Tell("said", "taken", _talk.Say(rest)); break;
            case "stop": Tell("stopped", "any", _talk.Stop()); break;
            case "sever": _talk.Session.Sever(); break;
            case "hurry": _talk.Session.Hurry(Now); break;
            case "listen": _talk.Ear.Mode = (ListenMode)Enum.Parse(typeof(ListenMode), rest); break;
            case "talk": _talk.Ear.Talk(rest == "on", Now); break;
            case "state": _talk.SetState(rest.Split('=')[0], rest.Split('=')[1]); break;
            case "event": _talk.Happened(rest, Respond.Auto); break;
            case "tool":
                _talk.Tools.Add("open_door", "Opens a door.", "{\"type\":\"object\",\"properties\":{\"door\":{\"type\":\"string\",\"enum\":[\"north\"]}},\"required\":[\"door\"]}",
                    (arguments, cancelled) =>
                    {
                        Tell("tool", "arguments", arguments.ToString());
                        return Task.FromResult(ToolResult.Ok(rest));
                    });
                break;
            case "memory": Tell("asked", "taken", Ask(rest.Split(' '))); break;
            case "hear": Load(rest); break;
            case "level": Tell("level", "peak", _peak, "jaw", _openJaw, "frames", _frames, "underruns", _talk.Voice.Playout?.Underruns ?? 0, "rtt", _talk.Session.RoundTrip); _peak = _openJaw = 0; break;
            case "subtitles": Tell("subtitles", "said", string.Join("|", _talk.Subtitles.Said.Select(line => (line.ByUser ? "user:" : "companion:") + line.Text))); break;
            case "audible": _audibleAt = double.NaN; Tell("audible", "since", Now); break;
            case "save": _talk.Recording.Save(rest); Tell("saved", "seconds", _talk.Recording.Seconds); break;
            case "quit": _over = true; break;
            default: Tell("unknown", "command", words[0]); break;
        }
    }

    bool Ask(string[] words)
    {
        if (words[0] == "Forget") return _talk.ForgetFacts(new[] { long.Parse(words[1]) });
        return words[0] == "Import" ? _talk.ImportMemory(_blob) : _talk.AskMemory((MemoryOp)Enum.Parse(typeof(MemoryOp), words[0]));
    }

    void Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int rate = BitConverter.ToInt32(file, 24);
        _talk.Ear.Open(rate);
        List<float> all = new List<float>();
        for (int at = 44; at + 1 < file.Length; at += 2) all.Add(BitConverter.ToInt16(file, at) / 32768f);
        int block = rate / 50;
        lock (_microphone)
            for (int at = 0; at + block <= all.Count; at += block) _microphone.Enqueue(all.GetRange(at, block).ToArray());
        Thread ear = new Thread(() =>
        {
            double due = Now;
            while (!_over)
            {
                float[] next;
                lock (_microphone)
                {
                    if (_microphone.Count == 0) break;
                    next = _microphone.Dequeue();
                }
                _talk.Ear.Feed(next, 0, next.Length);
                due += 0.02;
                double wait = due - Now;
                if (wait > 0) Thread.Sleep((int)(1000 * wait));
            }
            Tell("heard_all");
        }) { IsBackground = true };
        ear.Start();
    }

    void Speak()
    {
        float[] block = new float[Block];
        long blocks = 0;
        double from = Now;
        while (!_over)
        {
            _talk.Voice.Fill(block, 0, Block, Now);
            for (int index = 0; index < Block; index++) _peak = Math.Max(_peak, Math.Abs(block[index]));
            if (double.IsNaN(_audibleAt) && block.Any(sample => Math.Abs(sample) > 0.02))
            {
                _audibleAt = Now;
                Tell("sound", "at", Now);
            }
            blocks++;
            double wait = from + blocks * (double)Block / OutputRate - Now;
            if (wait > 0.001) Thread.Sleep((int)(1000 * wait));
        }
    }

    void Tell(string kind, params object[] pairs)
    {
        Dictionary<string, Value> fields = new Dictionary<string, Value> { { "event", Value.Of(kind) }, { "now", Value.Of(Now) } };
        for (int index = 0; index + 1 < pairs.Length; index += 2)
        {
            object value = pairs[index + 1];
            fields[(string)pairs[index]] = value is bool ? Value.Of((bool)value) : value is double ? (double.IsNaN((double)value) ? Value.Null : Value.Of((double)value)) : value is long ? Value.Of((long)value) : value is int ? Value.Of((long)(int)value) : Value.Of((string)value);
        }
        lock (_out)
        {
            Console.WriteLine(Value.Of(fields));
            Console.Out.Flush();
        }
    }
}
