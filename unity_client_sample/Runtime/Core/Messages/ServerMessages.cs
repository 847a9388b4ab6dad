#nullable enable

namespace CompanionBridge
{
    /// <summary>What the companion is doing, as the server sees it.</summary>
    public enum CompanionState { Idle, Listening, Thinking, Speaking, Overlap }

    /// <summary>How the face knows the sounds: from the synthesizer, from text and audio, from audio alone, or not at all.</summary>
    public enum FaceSource { None, Exact, Aligned, Audio }

    /// <summary>Why a reply ended; cut is the language model's own end before it had finished.</summary>
    public enum EndReason { Complete, Failed, TooLong, Interrupted, Cut }

    /// <summary>What the user was understood to say; final once it will not change.</summary>
    public readonly struct Transcript
    {
        public readonly long Utterance, Seq;
        public readonly string Text;
        public readonly bool Final;

        public Transcript(long utterance, string text, bool final, long seq)
        {
            Utterance = utterance;
            Text = text;
            Final = final;
            Seq = seq;
        }
    }

    /// <summary>A spoken word with its place on the turn's clock, in ticks of 1/48000 s, and what is written before it.</summary>
    public readonly struct Word
    {
        public readonly long Turn, Seq, Pts, End;
        public readonly string Text, Gap;

        public Word(long turn, long seq, string text, long pts, long end, string gap = " ")
        {
            Gap = gap;
            Turn = turn;
            Seq = seq;
            Text = text;
            Pts = pts;
            End = end;
        }
    }

    /// <summary>Speech and the face frames that begin in it. The segments are valid only while the message is being handled.</summary>
    public readonly struct Media
    {
        public readonly long Turn, Seq, Pts, FacePts;
        public readonly Segment Pcm, Face;
        public readonly FaceSource Source;

        /// <summary>In a room: when <see cref="Pts"/> is heard by everybody, ms of the server's clock; 0: as soon as the buffer allows.</summary>
        public readonly double At;

        public Media(long turn, long seq, long pts, Segment pcm, long facePts, Segment face, FaceSource source, double at = 0)
        {
            Turn = turn;
            Seq = seq;
            Pts = pts;
            Pcm = pcm;
            FacePts = facePts;
            Face = face;
            Source = source;
            At = at;
        }
    }

    /// <summary>An emotion or a gesture that is due at a point of a turn.</summary>
    public readonly struct Cue
    {
        public readonly long Turn, Seq, Pts;
        public readonly bool Emotion;
        public readonly string Name;
        public readonly float Intensity;

        public Cue(long turn, long seq, long pts, bool emotion, string name, float intensity)
        {
            Turn = turn;
            Seq = seq;
            Pts = pts;
            Emotion = emotion;
            Name = name;
            Intensity = intensity;
        }
    }

    /// <summary>A request to run one of the scene's tools.</summary>
    public sealed class ToolCall
    {
        public ToolCall(long turn, long seq, long call, string name, Value arguments, int timeoutMs)
        {
            Turn = turn;
            Seq = seq;
            Call = call;
            Name = name;
            Arguments = arguments;
            TimeoutMs = timeoutMs;
        }

        public long Turn { get; }
        public long Seq { get; }
        public long Call { get; }
        public string Name { get; }

        /// <summary>Made by a language model: checked against the tool's schema before a handler sees them.</summary>
        public Value Arguments { get; }

        public int TimeoutMs { get; }
    }

    /// <summary>A passage of the companion's own sources that a reply rests on.</summary>
    public sealed class Passage
    {
        public static readonly Passage[] None = System.Array.Empty<Passage>();

        public Passage(string title, string file, int page, string quote)
        {
            Title = title;
            File = file;
            Page = page;
            Quote = quote;
        }

        public string Title { get; }
        public string File { get; }

        /// <summary>From 1; 0 for none.</summary>
        public int Page { get; }
        public string Quote { get; }
    }

    /// <summary>The end of what is sent of a turn; it is over for the user when the playhead reaches <see cref="Pts"/>.</summary>
    public readonly struct ReplyEnd
    {
        public readonly long Turn, Seq, Pts;
        public readonly string Text;
        public readonly EndReason Reason;

        /// <summary>What the reply rests on, best first; mostly empty.</summary>
        public readonly Passage[] Sources;

        public ReplyEnd(long turn, long seq, long pts, string text, EndReason reason, Passage[]? sources = null)
        {
            Sources = sources ?? Passage.None;
            Turn = turn;
            Seq = seq;
            Pts = pts;
            Text = text;
            Reason = reason;
        }
    }

    /// <summary>Something went wrong on the server or in what was sent to it.</summary>
    public sealed class ServerError
    {
        public ServerError(string code, string message, bool fatal, long turn, double retryAfter)
        {
            Code = code;
            Message = message;
            Fatal = fatal;
            Turn = turn;
            RetryAfter = retryAfter;
        }

        public string Code { get; }
        public string Message { get; }
        public bool Fatal { get; }
        public long Turn { get; }

        /// <summary>Seconds after which it is worth coming back; 0 when the server did not say.</summary>
        public double RetryAfter { get; }
    }

    /// <summary>Takes the messages of a server, one method for each type.</summary>
    public interface IServerMessages
    {
        void OnWelcome(Welcome welcome);
        void OnState(CompanionState state, long turn);
        void OnTranscript(in Transcript transcript);
        void OnReplyStart(long turn, long seq, long utterance, string companion);
        void OnWord(in Word word);
        void OnMedia(in Media media);
        void OnCue(in Cue cue);
        void OnToolCall(ToolCall call);
        void OnInterrupted(long turn, long seq, long pts);
        void OnReplyEnd(in ReplyEnd end);
        void OnIdentity(Identity identity);
        void OnMemory(MemoryAnswer answer);
        void OnRoom(RoomState room);
        void OnSaid(in Said said);
        void OnError(ServerError error);
        void OnPong(double stamp, double server);
    }
}
