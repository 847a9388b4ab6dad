#nullable enable

namespace CompanionBridge
{
    /// <summary>Passes on what a session admits.</summary>
    internal sealed class SessionSink : IServerMessages
    {
        readonly Session _session;
        readonly ISessionEvents _events;
        byte[] _buffer = System.Array.Empty<byte>();
        int _offset, _count;

        public SessionSink(Session session, ISessionEvents events)
        {
            _session = session;
            _events = events;
        }

        /// <summary>Where the message lies that is about to be read.</summary>
        public void Place(byte[] buffer, int offset, int count)
        {
            _buffer = buffer;
            _offset = offset;
            _count = count;
        }

        bool Raw(bool admitted)
        {
            if (admitted) _events.OnRaw(_buffer, _offset, _count);
            return admitted;
        }

        public void OnWelcome(Welcome welcome)
        {
            _session.Greeted(welcome);
            if (_session.Welcome != welcome) return;
            Raw(true);
            _events.OnWelcome(welcome);
            _session.Settled();
        }

        public void OnState(CompanionState state, long turn)
        {
            Raw(true);
            _events.OnState(state, turn);
        }

        public void OnTranscript(in Transcript transcript)
        {
            if (Raw(_session.Admitted.Once(transcript.Seq))) _events.OnTranscript(transcript);
        }

        public void OnReplyStart(long turn, long seq, long utterance, string companion)
        {
            if (Raw(_session.Admitted.OfReply(seq, turn))) _events.OnReplyStart(turn, seq, utterance, companion);
        }

        public void OnWord(in Word word)
        {
            if (Raw(_session.Admitted.OfReply(word.Seq, word.Turn))) _events.OnWord(word);
        }

        public void OnMedia(in Media media)
        {
            if (Raw(_session.Admitted.OfReply(media.Seq, media.Turn))) _events.OnMedia(media);
        }

        public void OnCue(in Cue cue)
        {
            if (Raw(_session.Admitted.OfReply(cue.Seq, cue.Turn))) _events.OnCue(cue);
        }

        public void OnToolCall(ToolCall call)
        {
            if (Raw(_session.Admitted.OfReply(call.Seq, call.Turn))) _events.OnToolCall(call);
        }

        public void OnInterrupted(long turn, long seq, long pts)
        {
            if (!Raw(_session.Admitted.Once(seq))) return;
            _session.Admitted.Forget(turn);
            _events.OnInterrupted(turn, seq, pts);
        }

        public void OnReplyEnd(in ReplyEnd end)
        {
            if (Raw(_session.Admitted.OfReply(end.Seq, end.Turn))) _events.OnReplyEnd(end);
        }

        public void OnIdentity(Identity identity)
        {
            _session.Renamed(identity);
            Raw(true);
            _events.OnIdentity(identity);
        }

        public void OnMemory(MemoryAnswer answer)
        {
            Raw(true);
            _events.OnMemory(answer);
        }

        public void OnRoom(RoomState room)
        {
            Raw(true);
            _events.OnRoom(room);
        }

        public void OnSaid(in Said said)
        {
            if (Raw(_session.Admitted.Once(said.Seq))) _events.OnSaid(said);
        }

        public void OnError(ServerError error)
        {
            _session.Failed(error);
            Raw(true);
            _events.OnError(error);
        }

        public void OnPong(double stamp, double server)
        {
            _session.Ponged(stamp);
            Raw(true);
            _events.OnPong(stamp, server);
        }
    }
}
