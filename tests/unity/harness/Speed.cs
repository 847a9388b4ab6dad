// How long the hot paths take, in microseconds, one JSON line each: `Speed.exe MEDIA.msgpack`.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using CompanionBridge;

public static class Speed
{
    sealed class Count : IServerMessages
    {
        public long Bytes;

        public void OnMedia(in Media media) { Bytes += media.Pcm.Count + media.Face.Count; }
        public void OnWelcome(Welcome welcome) { }
        public void OnState(CompanionState state, long turn) { }
        public void OnTranscript(in Transcript transcript) { }
        public void OnReplyStart(long turn, long seq, long utterance, string companion) { }
        public void OnWord(in Word word) { }
        public void OnCue(in Cue cue) { }
        public void OnToolCall(ToolCall call) { }
        public void OnInterrupted(long turn, long seq, long pts) { }
        public void OnReplyEnd(in ReplyEnd end) { }
        public void OnIdentity(Identity identity) { }
        public void OnMemory(MemoryAnswer answer) { }
        public void OnRoom(RoomState room) { }
        public void OnSaid(in Said said) { }
        public void OnError(ServerError error) { }
        public void OnPong(double stamp, double server) { }
    }

    public static void Main(string[] args)
    {
        byte[] message = File.ReadAllBytes(args[0]);
        ServerReader reader = new ServerReader();
        Count count = new Count();
        Measure("decode_media", () => reader.Read(message, 0, message.Length, count));
        // A 100 ms message taken in, played, resampled to the output's rate: what one message costs the sound thread.
        Voice voice = new Voice { OutputRate = 48000 };
        Playout playout = new Playout(24000, 0.3);
        voice.Attach(playout);
        float[] block = new float[480];
        long turn = 0;
        double wall = 0;
        Segment pcm = new Segment(new byte[4800], 0, 4800);
        Measure("sound_of_10_ms", () =>
        {
            if (playout.Buffered < 0.1)
            {
                playout.End(turn, EndReason.Complete);
                for (int index = 0; index < 2; index++) playout.Append(turn + 1, index * 4800, pcm);
                turn++;
                while (playout.Points.TryRead(out _)) { }
                while (playout.Reports.TryRead(out _)) { }
            }
            voice.Fill(block, 0, 480, wall);
            wall += 0.01;
        });
    }

    static void Measure(string name, Action act)
    {
        for (int round = 0; round < 3000; round++) act();
        List<double> took = new List<double>();
        double tick = 1e6 / Stopwatch.Frequency;
        for (int round = 0; round < 20000; round++)
        {
            long from = Stopwatch.GetTimestamp();
            act();
            took.Add((Stopwatch.GetTimestamp() - from) * tick);
        }
        took.Sort();
        Console.WriteLine("{\"what\":\"" + name + "\",\"count\":" + took.Count + "," + string.Join(",", new[] { 50, 95, 99 }.Select(percent =>
            "\"p" + percent + "\":" + took[took.Count * percent / 100].ToString("F2", System.Globalization.CultureInfo.InvariantCulture))) + "}");
    }
}
