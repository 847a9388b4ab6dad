// Plays a recorded stream of a server on a given schedule and writes what was heard and shown: `Replay.exe STREAM FOLDER`.
// STREAM is a sequence of records: kind u8, count i32 little-endian, then bytes. Kind 0: a message as it came; kind 1: the sound
// output reads `count` samples.
using System;
using System.IO;
using CompanionBridge;

public static class Replay
{
    sealed class Sink : IServerMessages
    {
        public Playout Playout;
        public Recording Recording;

        public void OnWelcome(Welcome welcome)
        {
            Recording = new Recording(welcome.Face, welcome.Rate);
            Playout = new Playout(welcome.Rate, welcome.LeadMs / 1000.0, Recording);
        }

        public void OnState(CompanionState state, long turn) { Playout.Duck(state == CompanionState.Overlap); }
        public void OnReplyStart(long turn, long seq, long utterance, string companion) { Playout.Begin(turn); }
        public void OnInterrupted(long turn, long seq, long pts) { Playout.Interrupt(turn); }
        public void OnReplyEnd(in ReplyEnd end) { Playout.End(end.Turn, end.Reason); }
        public void OnTranscript(in Transcript transcript) { }
        public void OnWord(in Word word) { }
        public void OnCue(in Cue cue) { }
        public void OnToolCall(ToolCall call) { }
        public void OnIdentity(Identity identity) { }
        public void OnMemory(MemoryAnswer answer) { }
        public void OnRoom(RoomState room) { }
        public void OnSaid(in Said said) { }
        public void OnError(ServerError error) { }
        public void OnPong(double stamp, double server) { }

        public void OnMedia(in Media media)
        {
            if (media.Turn == 0) return;
            Recording.OnMedia(media);
            Playout.Append(media.Turn, media.Pts, media.Pcm);
        }
    }

    public static int Main(string[] args)
    {
        Sink sink = new Sink();
        ServerReader reader = new ServerReader();
        short[] air = new short[1 << 16];
        using (BinaryReader stream = new BinaryReader(File.OpenRead(args[0])))
        {
            while (stream.BaseStream.Position < stream.BaseStream.Length)
            {
                byte kind = stream.ReadByte();
                int count = stream.ReadInt32();
                if (kind == 0) reader.Read(stream.ReadBytes(count), 0, count, sink);
                else sink.Playout.Read(air, 0, count);
            }
        }
        sink.Recording.Save(args[1]);
        Console.WriteLine("{\"seconds\":" + sink.Recording.Seconds.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + ",\"underruns\":" + sink.Playout.Underruns + "}");
        return 0;
    }
}
