#nullable enable

namespace CompanionBridge
{
    /// <summary>
    /// What arrives, on the thread that receives it: sound goes straight to the voice, so that a slow frame of the game never
    /// delays it; everything goes to the inbox for the thread that shows.
    /// </summary>
    internal sealed class Inbound : ISessionEvents
    {
        readonly Conversation _owner;
        readonly Voice _voice;
        readonly MessageInbox _inbox;
        readonly Together _together;
        readonly System.Func<double> _clock;
        readonly System.Func<Welcome, Recording?> _recorder;
        Playout? _playout;
        Recording? _recording;

        public Inbound(Conversation owner, Voice voice, MessageInbox inbox, Together together, System.Func<double> clock, System.Func<Welcome, Recording?> recorder)
        {
            _owner = owner;
            _voice = voice;
            _inbox = inbox;
            _together = together;
            _clock = clock;
            _recorder = recorder;
        }

        public void OnRaw(byte[] buffer, int offset, int count) => _inbox.TryWrite(buffer, offset, count);

        public void OnStatus(SessionStatus status, SessionFault? fault) => _owner.Changed(status, fault);

        public void OnWelcome(Welcome welcome)
        {
            if (welcome.Resumed)
            {
                _owner.Mended();
                return;
            }
            _together.Reset();
            _recording = _recorder(welcome) ?? _recording;
            if (_playout != null && _playout.Rate == welcome.Rate && _playout.Lead == welcome.LeadMs / 1000.0) _playout.Reset();
            else
            {
                _playout = new Playout(welcome.Rate, welcome.LeadMs / 1000.0, _recording);
                _voice.Attach(_playout);
            }
        }

        public void OnState(CompanionState state, long turn) => Held(_playout == null || _playout.Duck(state == CompanionState.Overlap));

        public void OnReplyStart(long turn, long seq, long utterance, string companion) => Held(_playout == null || _playout.Begin(turn));

        public void OnMedia(in Media media)
        {
            if (media.Turn == 0 || _playout == null) return;
            _recording?.OnMedia(media);
            double due = _together.Place(media.Turn, media.Pts, media.At);
            Held(_playout.Append(media.Turn, media.Pts, media.Pcm, double.IsNaN(due) ? due : System.Math.Round(_voice.SampleAt(due / 1000))));
        }

        public void OnInterrupted(long turn, long seq, long pts) => Held(_playout == null || _playout.Interrupt(turn));

        public void OnReplyEnd(in ReplyEnd end) => Held(_playout == null || _playout.End(end.Turn, end.Reason));

        void Held(bool room)
        {
            if (!room) _owner.Session.Unpaced();
        }

        public void OnTranscript(in Transcript transcript) { }
        public void OnWord(in Word word) { }
        public void OnCue(in Cue cue) { }
        public void OnToolCall(ToolCall call) { }
        public void OnIdentity(Identity identity) { }
        public void OnMemory(MemoryAnswer answer) { }
        public void OnRoom(RoomState room) { }
        public void OnSaid(in Said said) { }
        public void OnError(ServerError error) { }

        public void OnPong(double stamp, double server) => _together.Pong(stamp, server, 1000 * _clock());
    }
}
