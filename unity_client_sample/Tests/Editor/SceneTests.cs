using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class SceneTests
    {
        const string Door = "{\"type\":\"object\",\"properties\":{\"door\":{\"type\":\"string\",\"enum\":[\"north\",\"south\"]},\"speed\":{\"type\":\"number\",\"minimum\":0,\"maximum\":2}},\"required\":[\"door\"],\"additionalProperties\":false}";

        readonly List<string> _answers = new List<string>();

        [SetUp]
        public void Begin() => _answers.Clear();

        Tools New() => new Tools((call, result) => _answers.Add(call + " " + result.Status + " " + result.Value));

        static ToolCall Call(long call, string name, string arguments, long turn = 1, int timeout = 10000) => new ToolCall(turn, 1, call, name, Json.Parse(arguments), timeout);

        [TestCase("{\"door\":\"north\"}", "Ok opened")]
        [TestCase("{\"door\":\"west\"}", "Failed door must be one of [\"north\",\"south\"].")]
        [TestCase("{}", "Failed arguments lacks door.")]
        [TestCase("{\"door\":\"north\",\"speed\":3}", "Failed speed must be at most 2.")]
        [TestCase("{\"door\":\"north\",\"speed\":\"fast\"}", "Failed speed must be of type number.")]
        [TestCase("{\"door\":\"north\",\"force\":1}", "Failed arguments may not have force.")]
        public void ArgumentsAreCheckedBeforeAHandlerSeesThem(string arguments, string answer)
        {
            Tools tools = New();
            tools.Add("open_door", "Opens a door.", Door, (given, cancelled) => Task.FromResult(ToolResult.Ok("opened")));
            tools.Call(Call(7, "open_door", arguments), 0);
            Assert.AreEqual(new[] { "7 " + answer }, _answers);
        }

        [Test]
        public void UnknownToolsAndFailuresAreAnswersToo()
        {
            Tools tools = New();
            string told = "";
            tools.Failed += (name, error) => told = name + ": " + error.Message;
            tools.Add("explode", "", "", (given, cancelled) => throw new InvalidOperationException("boom"));
            tools.Call(Call(1, "fly", "{}"), 0);
            tools.Call(Call(2, "explode", "{}"), 0);
            Assert.AreEqual(new[] { "1 Failed There is no tool fly.", "2 Failed The tool failed." }, _answers);
            Assert.AreEqual("explode: boom", told);
        }

        [Test]
        public void TimeAndInterruptionsCancel()
        {
            Tools tools = New();
            List<CancellationToken> tokens = new List<CancellationToken>();
            tools.Add("wait", "", "", (given, cancelled) =>
            {
                tokens.Add(cancelled);
                return new TaskCompletionSource<ToolResult>().Task;
            });
            tools.Call(Call(1, "wait", "{}", 1), 0);
            tools.Call(Call(1, "wait", "{}", 1), 0);
            tools.Call(Call(2, "wait", "{}", 2, 500), 0);
            Assert.AreEqual(2, tokens.Count, "a call is run once");
            tools.Interrupted(1);
            Assert.IsTrue(tokens[0].IsCancellationRequested);
            Assert.IsFalse(tokens[1].IsCancellationRequested);
            tools.Step(0.6);
            Assert.AreEqual(new[] { "1 Cancelled ", "2 Cancelled " }, _answers);
        }

        [Test]
        public void ToolsComeAndGo()
        {
            Tools tools = New();
            int changes = 0;
            tools.Changed += () => changes++;
            IDisposable offer = tools.Add("wave", "", "", (given, cancelled) => Task.FromResult(ToolResult.Ok()));
            Assert.AreEqual(1, tools.Specs.Count);
            offer.Dispose();
            offer.Dispose();
            Assert.AreEqual(0, tools.Specs.Count);
            Assert.AreEqual(2, changes);
            Assert.Throws<ArgumentException>(() => tools.Add("no spaces", "", "", null));
            Assert.Throws<ArgumentException>(() => tools.Add("x", "", "{", null));
            Assert.Throws<ArgumentException>(() => tools.Add("x", "", "[1]", null));
        }

        sealed class Outbox
        {
            public readonly List<string> Sent = new List<string>();

            public void Send(IReadOnlyCollection<KeyValuePair<string, string>> states, IReadOnlyCollection<string> events, Respond respond)
            {
                string all = "";
                foreach (KeyValuePair<string, string> each in states) all += each.Key + "=" + each.Value + ";";
                Sent.Add(all + "|" + string.Join(",", events) + "|" + respond);
            }
        }

        [Test]
        public void ContextIsBatchedAndTheStrongestWishWins()
        {
            SceneContext context = new SceneContext();
            Outbox outbox = new Outbox();
            context.Set("place", "harbour", 0);
            context.Set("place", "market", 0.3);
            context.Set("place", "market", 0.4);
            context.Happened("A gull cries.", Respond.Silent, 0.4);
            context.Happened("A bell rings.", Respond.Auto, 0.4);
            Assert.IsFalse(context.Step(0.8, outbox.Send));
            Assert.IsTrue(context.Step(0.91, outbox.Send));
            Assert.IsFalse(context.Step(5, outbox.Send));
            Assert.AreEqual(new[] { "place=market;|A gull cries.,A bell rings.|Auto" }, outbox.Sent);
        }

        [Test]
        public void WhoeverKeepsChangingThingsIsSentAfterThreeSeconds()
        {
            SceneContext context = new SceneContext();
            Outbox outbox = new Outbox();
            double sent = 0;
            for (double now = 0; sent == 0 && now < 10; now += 0.1)
            {
                context.Set("x", "at " + now, now);
                if (context.Step(now, outbox.Send)) sent = now;
            }
            Assert.AreEqual(3.0, sent, 0.11);
        }

        [Test]
        public void MustDoesNotWaitAndANewSessionGetsEverything()
        {
            SceneContext context = new SceneContext();
            Outbox outbox = new Outbox();
            context.Set("a", "1", 0);
            context.Set("b", "2", 0);
            context.Step(1, outbox.Send);
            context.Set("b", "", 2);
            context.Step(3, outbox.Send);
            context.Resend(4);
            context.Step(4, outbox.Send);
            context.Happened("Fire!", Respond.Must, 5);
            context.Step(5, outbox.Send);
            Assert.AreEqual(new[] { "a=1;b=2;||Silent", "b=;||Silent", "a=1;||Silent", "|Fire!|Must" }, outbox.Sent);
        }

        [Test]
        public void SubtitlesAreJoinedByTheGaps()
        {
            Subtitles subtitles = new Subtitles();
            subtitles.Take(new Heard(HeardKind.Began, 1, 0), 0);
            foreach (string[] word in new[] { new[] { "", "灯塔" }, new[] { "", "建于" }, new[] { "\n", "저는" }, new[] { " ", "노라입니다." }, new[] { " 😀 ", "ok" } })
                subtitles.Take(new Heard(HeardKind.Word, 1, 0, 0, word[1], gap: word[0]), 1);
            Assert.AreEqual("灯塔建于 저는 노라입니다. 😀 ok", subtitles.Line);
            subtitles.Take(new Heard(HeardKind.Ended, 1, 0), 2);
            Assert.AreEqual("灯塔建于\n저는 노라입니다. 😀 ok", subtitles.Said[0].Text);
        }

        [Test]
        public void SubtitlesShowWhatIsHeardAndKeepWhatWasSaid()
        {
            Subtitles subtitles = new Subtitles(20);
            subtitles.Take(new Heard(HeardKind.Began, 1, 0), 0);
            foreach (string word in "Comets are dirty snowballs. Yes.".Split(' ')) subtitles.Take(new Heard(HeardKind.Word, 1, 0, 0, word), 1);
            Assert.AreEqual("snowballs. Yes.", subtitles.Line);
            subtitles.Take(new Heard(HeardKind.Ended, 1, 0, cut: true), 2);
            subtitles.Step(2.1);
            Assert.AreEqual("snowballs. Yes.", subtitles.Line);
            subtitles.Step(2.4);
            Assert.AreEqual("", subtitles.Line);
            subtitles.Take(new Transcript(1, "what", false, 0));
            Assert.AreEqual("what", subtitles.Partial);
            subtitles.Take(new Transcript(1, "what is that", true, 9));
            Assert.AreEqual("", subtitles.Partial);
            Assert.AreEqual(2, subtitles.Said.Count);
            Assert.AreEqual("Comets are dirty snowballs. Yes.", subtitles.Said[0].Text);
            Assert.IsTrue(subtitles.Said[0].Cut);
            Assert.IsTrue(subtitles.Said[1].ByUser);
        }
    }
}
