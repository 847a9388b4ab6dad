using System;
using System.Collections.Generic;

namespace CompanionBridge.Tests
{
    /// <summary>Messages as a server would send them.</summary>
    public static class Wire
    {
        public static byte[] Of(string json)
        {
            MessagePackWriter writer = new MessagePackWriter();
            Json.Parse(json.Replace('\'', '"')).Write(writer);
            return writer.ToArray();
        }

        public static byte[] Welcome(bool resumed = false, string session = "s-1", long seq = 0, string names = "'jawOpen','mouthClose','headYaw'", string ranges = "[0,1],[0,1],[-0.5,0.49609375]", int rate = 24000, int version = 1, string features = "'mic','tools'") =>
            Of("{'type':'welcome','version':" + version + ",'server':'test','session':'" + session + "','token':'secret','resumed':" + (resumed ? "true" : "false") +
               ",'seq':" + seq + ",'resume_s':60.0,'lead_ms':300,'audio':{'codec':'pcm_s16le','rate':" + rate + "},'face':{'profile':'arkit52','fps':60,'names':[" + names + "],'ranges':[" + ranges + "]}," +
               "'identity':{'name':'Mira'},'engines':{},'limits':{'message_bytes':294912,'text_chars':2000,'messages_per_s':200,'idle_s':600.0},'features':[" + features + "]}");

        /// <summary>A media message whose sample n is n + 1 and whose frame k is all k.</summary>
        public static byte[] Media(long turn, long seq, long firstSample, int samples, int firstFrame, int frames, int width, int rate = 24000)
        {
            byte[] pcm = new byte[2 * samples], face = new byte[frames * width];
            for (int index = 0; index < samples; index++)
            {
                short value = (short)((firstSample + index) % 30000 + 1);
                pcm[2 * index] = (byte)value;
                pcm[2 * index + 1] = (byte)(value >> 8);
            }
            for (int index = 0; index < face.Length; index++) face[index] = (byte)(firstFrame + index / width);
            MessagePackWriter writer = new MessagePackWriter();
            int map = writer.Begin();
            writer.Field(map, "type").String("media");
            writer.Field(map, "turn").Int(turn);
            if (seq > 0) writer.Field(map, "seq").Int(seq);
            writer.Field(map, "pts").Int(firstSample * 48000 / rate);
            writer.Field(map, "pcm").Bytes(pcm, 0, pcm.Length);
            writer.Field(map, "face_pts").Int(firstFrame * 800L);
            writer.Field(map, "face").Bytes(face, 0, face.Length);
            writer.Field(map, "source").String("exact");
            return writer.ToArray();
        }

        public static Value Read(byte[] bytes)
        {
            MessagePackReader reader = new MessagePackReader();
            reader.Reset(bytes, 0, bytes.Length);
            return Value.Read(reader);
        }

        public static Segment Pcm(int count, int from = 1)
        {
            byte[] pcm = new byte[2 * count];
            for (int index = 0; index < count; index++)
            {
                pcm[2 * index] = (byte)(from + index);
                pcm[2 * index + 1] = (byte)(from + index >> 8);
            }
            return new Segment(pcm, 0, pcm.Length);
        }
    }

    /// <summary>Takes everything and does nothing.</summary>
    public class Silence : IServerMessages
    {
        public virtual void OnWelcome(Welcome welcome) { }
        public virtual void OnState(CompanionState state, long turn) { }
        public virtual void OnTranscript(in Transcript transcript) { }
        public virtual void OnReplyStart(long turn, long seq, long utterance, string companion) { }
        public virtual void OnWord(in Word word) { }
        public virtual void OnMedia(in Media media) { }
        public virtual void OnCue(in Cue cue) { }
        public virtual void OnToolCall(ToolCall call) { }
        public virtual void OnInterrupted(long turn, long seq, long pts) { }
        public virtual void OnReplyEnd(in ReplyEnd end) { }
        public virtual void OnIdentity(Identity identity) { }
        public virtual void OnMemory(MemoryAnswer answer) { }
        public virtual void OnRoom(RoomState room) { }
        public virtual void OnSaid(in Said said) { }
        public virtual void OnError(ServerError error) { }
        public virtual void OnPong(double stamp, double server) { }
    }

    /// <summary>A connection without a network: the test is the server.</summary>
    public sealed class FakeTransport : ITransport
    {
        public readonly List<Value> Sent = new List<Value>();
        ITransportEvents _events;

        public string Url { get; private set; }
        public bool Aborted { get; private set; }
        public bool Closed { get; private set; }

        public void Open(string url, string subprotocol, ITransportEvents events)
        {
            Url = url;
            _events = events;
        }

        public bool Send(byte[] buffer, int offset, int count)
        {
            byte[] copy = new byte[count];
            Buffer.BlockCopy(buffer, offset, copy, 0, count);
            Sent.Add(Wire.Read(copy));
            return true;
        }

        public void Close() => Closed = true;

        public void Abort() => Aborted = true;

        public void Opens() => _events.OnOpened(this);

        public void Says(byte[] message) => _events.OnReceived(this, message, 0, message.Length);

        public void Says(string json) => Says(Wire.Of(json));

        public void Ends(int code, string reason = "") => _events.OnClosed(this, code, reason);

        public Value Last(string type)
        {
            for (int index = Sent.Count - 1; index >= 0; index--)
                if (Sent[index]["type"].AsString() == type) return Sent[index];
            return Value.Null;
        }

        public int Count(string type)
        {
            int count = 0;
            foreach (Value each in Sent)
                if (each["type"].AsString() == type) count++;
            return count;
        }
    }
}
