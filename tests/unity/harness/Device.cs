// The whole C# client on one device of a room, less its socket and its sound output: `Device.exe SCENARIO...`, as testkit/together.py
// writes them. For each tenth of a second a line with [turn, pts] of what the loudspeaker plays, or null; a line "over" after each.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using CompanionBridge;

public static class Device
{
    const int Block = 240, FramesATenth = 7;

    public static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        foreach (string path in args)
        {
            new Headset(Json.Parse(File.ReadAllText(path))).Live();
            Console.WriteLine("over");
        }
        return 0;
    }

    sealed class Headset
    {
        readonly Value _told;
        readonly double _began, _skew, _card;
        readonly int _rate;
        readonly Conversation _talk;
        readonly Queue<(double came, double stamp, double server)> _pongs = new Queue<(double, double, double)>();
        readonly float[] _mono = new float[Block];
        Line _line;
        double _time; // true seconds
        int _asked;

        public Headset(Value told)
        {
            _told = told;
            _began = told["began"].AsFloat() / 1000;
            _skew = told["skew"].AsFloat();
            _card = told["card"].AsFloat();
            _rate = (int)told["rate"].AsInt();
            SessionSettings settings = new SessionSettings { Seed = 1 };
            settings.Hello.Room = "kitchen";
            _talk = new Conversation(settings, () => _line = new Line(), false, () => Here(_time));
            _talk.Voice.OutputRate = _rate;
            _talk.Open(Here(0));
            _line.Opens();
            _line.Says(Json.Parse("{\"type\":\"welcome\",\"version\":1,\"server\":\"room\",\"session\":\"s\",\"token\":\"t\",\"resumed\":false,\"seq\":0,\"resume_s\":60.0," +
                "\"lead_ms\":300,\"audio\":{\"rate\":" + _rate + "},\"face\":{\"profile\":\"none\",\"fps\":60,\"names\":[],\"ranges\":[]},\"identity\":{\"name\":\"Mira\"},\"engines\":{},\"limits\":" +
                "{\"message_bytes\":294912,\"text_chars\":2000,\"messages_per_s\":200,\"idle_s\":600.0},\"features\":[\"rooms\"]}"));
        }

        double Here(double time) => _began + time * _skew;

        public void Live()
        {
            IReadOnlyList<Value> media = _told["media"].Items;
            int next = 0;
            long blocks = 0;
            double cardRate = _rate * _card * _skew, until = _told["seconds"].AsFloat();
            for (long frame = 0; ; frame++)
            {
                double at = frame / (10.0 * FramesATenth);
                if (at >= until) return;
                // What happens before this frame, in its order: a message, an answer, the sound card.
                while (true)
                {
                    double message = next < media.Count ? media[next]["came"].AsFloat() : double.PositiveInfinity;
                    double pong = _pongs.Count > 0 ? _pongs.Peek().came : double.PositiveInfinity;
                    double block = blocks * Block / cardRate;
                    _time = Math.Min(message, Math.Min(pong, block));
                    if (_time > at) break;
                    if (_time == message) Take(media[next++]);
                    else if (_time == pong) Answer(_pongs.Dequeue());
                    else
                    {
                        _talk.Voice.Fill(_mono, 0, Block, Here(_time));
                        blocks++;
                    }
                }
                _time = at;
                _talk.Update(Here(at));
                Sent();
                if (frame % FramesATenth != 0) continue;
                Timeline shown = _talk.Timeline;
                shown.Seek(at * cardRate);
                Console.WriteLine(shown.Running ? "[" + shown.Turn + "," + shown.Pts.ToString("R") + "]" : "null");
            }
        }

        void Take(Value told)
        {
            Dictionary<string, Value> fields = new Dictionary<string, Value>();
            foreach (KeyValuePair<string, Value> field in told.Fields)
                if (field.Key != "came" && field.Key != "samples") fields[field.Key] = field.Value;
            if (told.Has("samples")) fields["pcm"] = Value.Of(new byte[2 * told["samples"].AsInt()]);
            _line.Says(Value.Of(fields));
        }

        void Sent()
        {
            while (_line.Sent.Count > 0)
            {
                Value message = _line.Sent.Dequeue();
                if (message["type"].AsString() != "ping") continue;
                Value delays = _told["pings"].Items[_asked++ % _told["pings"].Items.Count];
                double there = _time + delays.Items[0].AsFloat();
                _pongs.Enqueue((there + delays.Items[1].AsFloat(), message["stamp"].AsFloat(), there * 1000));
            }
        }

        void Answer((double came, double stamp, double server) pong) => _line.Says(Json.Parse(
            "{\"type\":\"pong\",\"stamp\":" + pong.stamp.ToString("R") + ",\"server\":" + pong.server.ToString("R") + "}"));
    }
}
