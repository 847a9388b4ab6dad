using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class SessionTests
    {
        readonly List<FakeTransport> _lines = new List<FakeTransport>();
        readonly List<SessionStatus> _statuses = new List<SessionStatus>();
        SessionFault _fault;
        Conversation _talk;

        FakeTransport Line => _lines[_lines.Count - 1];

        [SetUp]
        public void Begin()
        {
            _lines.Clear();
            _statuses.Clear();
            _fault = null;
        }

        Conversation Start(bool keepTrying = true)
        {
            SessionSettings settings = new SessionSettings { Seed = 1, KeepTrying = keepTrying };
            settings.Hello.User = "Ada";
            _talk = new Conversation(settings, () =>
            {
                _lines.Add(new FakeTransport());
                return Line;
            });
            _talk.StatusChanged += (status, fault) =>
            {
                _statuses.Add(status);
                _fault = fault;
            };
            _talk.Open(0);
            return _talk;
        }

        void Welcome(bool resumed = false, string session = "s-1")
        {
            Line.Opens();
            Line.Says(Wire.Welcome(resumed, session));
        }

        // Every 50 ms, as frames do.
        void Until(ref double now, double end)
        {
            for (; now < end; now += 0.05) _talk.Update(now);
            _talk.Update(now);
        }

        [Test]
        public void HelloIsFirstAndWhatWaitedFollows()
        {
            Conversation talk = Start();
            talk.Say("Hello?");
            Assert.AreEqual(0, Line.Sent.Count);
            Line.Opens();
            Assert.AreEqual(1, Line.Sent.Count);
            Assert.AreEqual("Ada", Line.Last("hello")["user"].AsString());
            Line.Says(Wire.Welcome());
            Assert.AreEqual("Hello?", Line.Last("text")["text"].AsString());
            talk.Update(0.1);
            Assert.AreEqual(new[] { SessionStatus.Connecting, SessionStatus.Open }, _statuses);
        }

        [Test]
        public void ALostConnectionIsResumedAtOnceAndWithWhatWasHeardLast()
        {
            Conversation talk = Start();
            Welcome();
            Line.Says("{'type':'reply_start','turn':1,'seq':5}");
            Line.Says(Wire.Media(1, 6, 0, 2400, 0, 6, 3));
            FakeTransport first = Line;
            first.Ends(1006);
            talk.Update(1);
            Assert.AreEqual(2, _lines.Count);
            Line.Opens();
            Value resume = Line.Last("hello")["resume"];
            Assert.AreEqual("s-1", resume["session"].AsString());
            Assert.AreEqual("secret", resume["token"].AsString());
            Assert.AreEqual(6, resume["seq"].AsInt());
            Line.Says(Wire.Welcome(true, "s-1", 20));
            talk.Update(1.1);
            Assert.AreEqual(1, Line.Count("playhead"), "a playhead at once");
            Assert.AreEqual(6, talk.Session.Seq, "the welcome's seq is not taken for received");
            first.Says("{'type':'state','state':'speaking'}");
            talk.Update(1.2);
            Assert.AreEqual(CompanionState.Idle, talk.State, "a dead line says nothing");
        }

        [Test]
        public void PausesGrowAndTheSessionIsGivenUpInTime()
        {
            Conversation talk = Start(false);
            Welcome();
            List<double> attempts = new List<double>();
            double now = 0;
            Line.Ends(1006);
            int lines = 1;
            for (now = 0.01; now < 70 && talk.Session.Status != SessionStatus.Over; now += 0.01)
            {
                talk.Update(now);
                if (_lines.Count == lines) continue;
                lines = _lines.Count;
                attempts.Add(now);
                Line.Ends(1006);
            }
            talk.Update(now);
            Assert.AreEqual("connection_lost", _fault.Code);
            Assert.Less(now, 61);
            Assert.Less(attempts[0], 0.05, "the first at once");
            double[] most = { 0.25, 0.5, 1, 2, 4, 4, 4 };
            for (int index = 0; index < most.Length; index++)
            {
                double pause = attempts[index + 1] - attempts[index];
                Assert.Less(pause, most[index] + 0.05);
                Assert.Greater(pause, most[index] / 2 - 0.05);
            }
        }

        [Test]
        public void HurryDropsAHangingAttempt()
        {
            Conversation talk = Start();
            Welcome();
            Line.Ends(1006);
            talk.Update(1);
            FakeTransport hanging = Line;
            talk.Session.Hurry(2);
            Assert.IsTrue(hanging.Aborted);
            Assert.AreEqual(3, _lines.Count);
            Welcome(true);
            talk.Update(2.1);
            Assert.AreEqual(SessionStatus.Open, talk.Session.Status);
            talk.Session.Hurry(3);
            Assert.AreEqual(3, _lines.Count, "an open connection is left alone");
        }

        [TestCase(1000, "bye", "Over", "closed")]
        [TestCase(1001, "going_away", "Waiting", "going_away")]
        [TestCase(1001, "", "Lost", "")]
        [TestCase(1005, "", "Lost", "")]
        [TestCase(1009, "", "Lost", "")]
        [TestCase(1011, "", "Lost", "")]
        [TestCase(1012, "", "Lost", "")]
        [TestCase(4000, "bad_message", "Lost", "")]
        [TestCase(4004, "rate_limited", "Lost", "")]
        [TestCase(4030, "idle_timeout", "Over", "idle_timeout")]
        [TestCase(4031, "slow_client", "Lost", "")]
        [TestCase(4032, "session_taken", "Over", "session_taken")]
        [TestCase(4090, "internal", "Waiting", "internal")]
        [TestCase(4077, "something_new", "Over", "something_new")]
        public void WhatAnEndMeans(int code, string reason, string status, string fault)
        {
            Conversation talk = Start();
            Welcome();
            Line.Ends(code, reason);
            talk.Update(0.1);
            Assert.AreEqual(status, talk.Session.Status.ToString());
            Assert.AreEqual(fault, talk.Session.Fault?.Code ?? "");
        }

        [TestCase("unauthorized", 4010, "Over")]
        [TestCase("token_expired", 4011, "Over")]
        [TestCase("unsupported_version", 4001, "Over")]
        [TestCase("server_full", 4020, "Waiting")]
        public void ARefusalIsASentence(string code, int close, string status)
        {
            Conversation talk = Start();
            Line.Opens();
            Line.Says("{'type':'error','code':'" + code + "','message':'So it is.','fatal':true,'retry_after_s':3.0}");
            Line.Ends(close, code);
            talk.Update(0.1);
            Assert.AreEqual(status, talk.Session.Status.ToString());
            Assert.AreEqual(code, _fault.Code);
            Assert.AreEqual("So it is.", _fault.Message);
        }

        [Test]
        public void AfterARestartANewSessionBeginsByItself()
        {
            Conversation talk = Start();
            Welcome();
            talk.Context.Set("place", "harbour", 0);
            talk.Tools.Add("wave", "", "", (arguments, cancelled) => System.Threading.Tasks.Task.FromResult(ToolResult.Ok()));
            double now = 0.1;
            Until(ref now, 1);
            Line.Says("{'type':'error','code':'going_away','message':'Down.','fatal':true,'retry_after_s':2.0}");
            Line.Ends(1001, "going_away");
            Until(ref now, 2.5);
            Assert.AreEqual(1, _lines.Count);
            Until(ref now, 5);
            Assert.AreEqual(2, _lines.Count);
            Line.Opens();
            Assert.IsTrue(Line.Last("hello")["resume"].IsNull);
            Line.Says(Wire.Welcome(false, "s-2"));
            Until(ref now, now + 1);
            Assert.AreEqual("harbour", Line.Last("context")["states"]["place"].AsString());
            Assert.AreEqual(1, Line.Last("tools")["tools"].Items.Count);
        }

        [Test]
        public void AResumeThatIsRefusedStartsAfresh()
        {
            Conversation talk = Start();
            Welcome();
            Line.Says("{'type':'reply_start','turn':1,'seq':5}");
            Line.Ends(1006);
            talk.Update(1);
            Welcome(false, "s-2");
            talk.Update(1.1);
            Assert.AreEqual(0, talk.Session.Seq);
            Line.Says("{'type':'transcript','utterance':1,'text':'hi','final':true,'seq':1}");
            string heard = "";
            talk.Transcribed += transcript => heard = transcript.Text;
            talk.Update(1.2);
            Assert.AreEqual("hi", heard, "seq 1 of the new session is not taken for an old one");
        }

        [Test]
        public void NothingTwiceAndNothingOfACutReply()
        {
            Conversation talk = Start();
            Welcome();
            int words = 0;
            Line.Says("{'type':'reply_start','turn':1,'seq':1}");
            Line.Says("{'type':'transcript','utterance':1,'text':'a','final':true,'seq':2}");
            Line.Says("{'type':'transcript','utterance':1,'text':'a','final':true,'seq':2}");
            talk.Transcribed += transcript => words++;
            talk.Update(0.1);
            Assert.AreEqual(1, words);
            Line.Says("{'type':'interrupted','turn':1,'seq':3,'pts':0}");
            Line.Says("{'type':'tool_call','turn':1,'seq':4,'call':1,'name':'x'}");
            talk.Update(0.2);
            Assert.AreEqual(0, Line.Count("tool_result"), "a tool of a cut reply is not run");
            Assert.AreEqual(4, talk.Session.Seq);
        }

        [Test]
        public void ADeadLineIsNoticed()
        {
            Conversation talk = Start();
            Welcome();
            double now = 0.1;
            Until(ref now, 20);
            Assert.Greater(_lines.Count, 1, "no pong came");
            Assert.AreEqual(SessionStatus.Lost, talk.Session.Status);
        }

        [Test]
        public void ALineThatDiesInMidTurnIsNoticedSoon()
        {
            Conversation talk = Start();
            Welcome();
            double now = 0.1;
            Until(ref now, 0.2);
            Line.Says("{'type':'pong','stamp':100.0,'server':1.0}");
            Line.Says("{'type':'reply_start','turn':1,'seq':1}");
            Line.Sent.Clear();
            Until(ref now, 1.1);
            Assert.AreEqual(0, Line.Count("ping"));
            Until(ref now, 1.6);
            Assert.AreEqual(1, Line.Count("ping"));
            Assert.AreEqual(SessionStatus.Open, talk.Session.Status);
            Until(ref now, 5);
            Assert.Greater(_lines.Count, 1, "no pong came");
        }

        [Test]
        public void PongsKeepALineAndTellTheRoundTrip()
        {
            Conversation talk = Start();
            Welcome();
            for (double now = 0.1; now < 30; now += 0.05)
            {
                talk.Update(now);
                Value ping = Line.Last("ping");
                if (!ping.IsNull)
                {
                    Line.Says("{'type':'pong','stamp':" + ping["stamp"] + ",'server':1.0}");
                    Line.Sent.Clear();
                }
            }
            Assert.AreEqual(1, _lines.Count);
            Assert.Less(talk.Session.RoundTrip, 0.1);
        }

        [Test]
        public void GarbageEndsTheConversationWithACode()
        {
            Conversation talk = Start();
            Welcome();
            Line.Says(new byte[] { 0xc1, 1, 2 });
            talk.Update(0.1);
            Assert.AreEqual("bad_message", _fault.Code);
            Assert.AreEqual(SessionStatus.Over, talk.Session.Status);
            Assert.AreEqual(1, Line.Count("bye"));
            Assert.IsTrue(Line.Closed && !Line.Aborted, "closed in order");
        }

        [Test]
        public void AnotherVersionIsRefused()
        {
            Conversation talk = Start();
            Line.Opens();
            Line.Says(Wire.Welcome(version: 2));
            talk.Update(0.1);
            Assert.AreEqual("unsupported_version", _fault.Code);
            Assert.AreEqual(SessionStatus.Over, talk.Session.Status);
        }

        [Test]
        public void NobodyThereIsTriedAgain()
        {
            Conversation talk = Start();
            Line.Ends(1006, "refused");
            double now = 0.1;
            Until(ref now, 0.5);
            Assert.AreEqual("unreachable", _fault.Code);
            Until(ref now, 3);
            Assert.AreEqual(2, _lines.Count);
        }

        [Test]
        public void ByeEndsIt()
        {
            Conversation talk = Start();
            Welcome();
            talk.Close();
            Assert.AreEqual(1, Line.Count("bye"));
            Assert.IsTrue(Line.Closed);
            talk.Update(1);
            talk.Update(100);
            Assert.AreEqual(1, _lines.Count);
        }

        [Test]
        public void TooLongAndEmptyWordsAreNotSent()
        {
            Conversation talk = Start();
            Welcome();
            talk.Update(0.1);
            Assert.IsFalse(talk.Say("  "));
            Assert.IsFalse(talk.Say(new string('x', 2001)));
            Assert.AreEqual(0, Line.Count("text"));
        }

        [Test]
        public void AServerThatDoesNotPaceIsLeft()
        {
            Conversation talk = Start();
            Welcome();
            Line.Says("{'type':'reply_start','turn':1,'seq':1}");
            for (int index = 0; index < 400 && talk.Session.Status == SessionStatus.Open; index++)
                Line.Says(Wire.Media(1, index + 2, 2400L * index, 2400, 6 * index, 6, 3));
            talk.Update(0.1);
            Assert.AreEqual("unpaced", _fault.Code);
        }
    }
}
