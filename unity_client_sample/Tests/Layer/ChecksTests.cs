using System.Collections.Generic;
using System.Linq;
using CompanionBridge.Editor;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    /// <summary>The Setup Doctor's judgement.</summary>
    public sealed class ChecksTests
    {
        static ProjectFacts Good(TargetPlatform platform = TargetPlatform.Desktop, string url = "ws://127.0.0.1:8765")
        {
            ProjectFacts facts = new ProjectFacts
            {
                Platform = platform, Listeners = 1, MicrophoneText = "To talk.", PreparesRecording = true, ForcesSpeaker = true, InternetRequired = true, Arm64 = true, Il2Cpp = true,
                RunsInBackground = true, MinimumSdk = 29, DspBuffer = 512,
            };
            facts.Companions.Add(new CompanionFacts { Name = "Nora", Url = url, Profile = "arkit52", HasFace = true, HasVoice = true, HasMicrophone = true, Matched = 52, Channels = 52 });
            return facts;
        }

        static List<Finding> Bad(ProjectFacts facts) => Checks.All(facts).Where(finding => finding.Severity >= Severity.Warning).ToList();

        static Finding The(ProjectFacts facts, Remedy remedy) => Checks.All(facts).Single(finding => finding.Remedy == remedy);

        [TestCase(TargetPlatform.Desktop, "ws://127.0.0.1:8765")]
        [TestCase(TargetPlatform.Android, "wss://talk.example.org/")]
        [TestCase(TargetPlatform.Ios, "wss://talk.example.org/")]
        [TestCase(TargetPlatform.WebGL, "wss://talk.example.org/")]
        [TestCase(TargetPlatform.Android, "ws://192.168.1.20:8765")]
        public void AGoodProjectHasNothingInTheWay(TargetPlatform platform, string url) => Assert.AreEqual(new string[0], Bad(Good(platform, url)).Select(finding => finding.ToString()).ToArray());

        [Test]
        public void WebBuildsCatchExceptions()
        {
            ProjectFacts facts = Good(TargetPlatform.WebGL, "wss://talk.example.org/");
            facts.WebExceptions = false;
            facts.RunsInBackground = false;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.WebExceptions).Severity);
            Assert.AreEqual(Severity.Note, The(facts, Remedy.RunInBackground).Severity);
            facts.Platform = TargetPlatform.Desktop;
            Assert.IsFalse(Checks.All(facts).Any(finding => finding.Remedy == Remedy.WebExceptions));
        }

        [Test]
        public void PlainHttpIsANoteWhereThePortraitNeedsIt()
        {
            ProjectFacts facts = Good();
            facts.PlainHttp = false;
            Assert.AreEqual(Severity.Note, The(facts, Remedy.PlainHttp).Severity);
            facts.Companions[0].Url = "wss://talk.example.org/";
            Assert.IsFalse(Checks.All(facts).Any(finding => finding.Remedy == Remedy.PlainHttp));
        }

        [Test]
        public void UniVrmFromItsUnitypackageIsSwitchedOn()
        {
            ProjectFacts facts = Good();
            facts.VrmInAssets = true;
            Assert.AreEqual(Severity.Warning, The(facts, Remedy.VrmSymbol).Severity);
            facts.VrmSwitchedOn = true;
            Assert.IsFalse(Checks.All(facts).Any(finding => finding.Remedy == Remedy.VrmSymbol));
        }

        [Test]
        public void TheWorstComesFirst()
        {
            ProjectFacts facts = Good();
            facts.AudioDisabled = true;
            facts.DspBuffer = 4096;
            facts.RunsInBackground = false;
            int[] order = Checks.All(facts).Select(finding => (int)finding.Severity).ToArray();
            Assert.AreEqual(order.OrderByDescending(each => each).ToArray(), order);
            Assert.AreEqual(Remedy.EnableAudio, Checks.All(facts)[0].Remedy);
        }

        [Test]
        public void SilentProjectsAreErrors()
        {
            ProjectFacts facts = Good();
            facts.AudioDisabled = true;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.EnableAudio).Severity);
            facts = Good();
            facts.Listeners = 0;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.AddListener).Severity);
            facts = Good();
            facts.Companions[0].HasVoice = false;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.MakeTalk).Severity);
        }

        [Test]
        public void IosNeedsItsStrings()
        {
            ProjectFacts facts = Good(TargetPlatform.Ios, "wss://talk.example.org/");
            facts.MicrophoneText = " ";
            facts.PreparesRecording = facts.ForcesSpeaker = false;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.MicrophoneText).Severity);
            Assert.AreEqual(Severity.Warning, The(facts, Remedy.PrepareRecording).Severity);
            Assert.AreEqual(Severity.Warning, The(facts, Remedy.ForceSpeaker).Severity);
        }

        [Test]
        public void QuestIsStricterThanPhones()
        {
            ProjectFacts facts = Good(TargetPlatform.Android, "wss://talk.example.org/");
            facts.Il2Cpp = facts.Arm64 = false;
            facts.MinimumSdk = 23;
            Assert.AreEqual(Severity.Note, The(facts, Remedy.Il2Cpp).Severity);
            facts.Headset = true;
            Assert.AreEqual(Severity.Error, The(facts, Remedy.Il2Cpp).Severity);
            Assert.AreEqual(Severity.Error, The(facts, Remedy.Arm64).Severity);
            Assert.AreEqual(Severity.Warning, The(facts, Remedy.MinimumSdk).Severity);
        }

        [TestCase("", true)]
        [TestCase("127.0.0.1:8765", true)]
        [TestCase("http://127.0.0.1:8765", true)]
        [TestCase("ws://talk.example.org/", true)]
        [TestCase("ws://8.8.8.8:8765", true)]
        [TestCase("wss://talk.example.org/", false)]
        [TestCase("ws://10.0.0.3:8765", false)]
        public void AddressesAreJudged(string url, bool bad) => Assert.AreEqual(bad, Bad(Good(TargetPlatform.Desktop, url)).Any(finding => finding.Severity == Severity.Error));

        [Test]
        public void LoopbackOnADeviceIsTheDevice()
        {
            Finding found = Bad(Good(TargetPlatform.Android)).Single();
            Assert.IsTrue(found.Text.Contains("adb reverse tcp:8765"), found.Text);
        }

        [TestCase("10.1.2.3", true)]
        [TestCase("172.16.0.1", true)]
        [TestCase("172.32.0.1", false)]
        [TestCase("192.168.0.7", true)]
        [TestCase("169.254.1.1", true)]
        [TestCase("192.169.0.1", false)]
        [TestCase("[fd00::1]", true)]
        [TestCase("[2001:db8::1]", false)]
        [TestCase("studio.local", true)]
        [TestCase("studio", true)]
        [TestCase("example.org", false)]
        public void KnowsPrivateNetworks(string host, bool own) => Assert.AreEqual(own, Checks.IsPrivate(host));

        [Test]
        public void ATokenInTheSceneIsToldOf()
        {
            ProjectFacts facts = Good();
            facts.Companions[0].HasToken = true;
            Assert.IsTrue(Bad(facts).Single().Title.Contains("token"));
        }

        [Test]
        public void AFaceIsJudgedByWhatItShows()
        {
            ProjectFacts facts = Good();
            facts.Companions[0].Matched = 12;
            facts.Companions[0].Complaints.Add("Nothing opens the mouth.");
            Assert.IsTrue(Bad(facts).Single().Text.Contains("Nothing opens the mouth."));
            facts.Companions[0].Matched = 0;
            Assert.AreEqual(Severity.Error, Bad(facts).Single().Severity);
        }

        [Test]
        public void EveryRemedyHasAButton()
        {
            foreach (Remedy remedy in (Remedy[])System.Enum.GetValues(typeof(Remedy))) Assert.AreEqual(remedy == Remedy.None, Remedies.Label(remedy).Length == 0, remedy.ToString());
        }
    }
}
