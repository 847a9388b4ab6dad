using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class EarTests : IEarSink
    {
        readonly List<string> _sent = new List<string>();
        readonly List<long> _pts = new List<long>();
        int _micBytes;

        [SetUp]
        public void Begin()
        {
            _sent.Clear();
            _pts.Clear();
            _micBytes = 0;
        }

        void IEarSink.Mic(long pts, byte[] data, int offset, int count)
        {
            _pts.Add(pts);
            _micBytes += count;
            if (_sent.Count == 0 || _sent[_sent.Count - 1] != "mic") _sent.Add("mic");
        }

        void IEarSink.Talk(bool on, long pts) => _sent.Add((on ? "on " : "off ") + pts);

        Ear New(ListenMode mode, int rate = 48000)
        {
            Ear ear = new Ear(this) { Mode = mode };
            ear.Open(rate);
            return ear;
        }

        static void Feed(Ear ear, double seconds, int rate = 48000, float level = 0.25f)
        {
            int left = (int)(seconds * rate);
            float[] block = new float[1024];
            for (int index = 0; index < block.Length; index++) block[index] = level * (float)Math.Sin(index * 0.1);
            while (left > 0)
            {
                int count = Math.Min(left, block.Length);
                ear.Feed(block, 0, count);
                left -= count;
            }
        }

        [TestCase(48000)]
        [TestCase(44100)]
        [TestCase(16000)]
        [TestCase(8000)]
        public void FramesOfTwentyMillisecondsWithoutHoles(int rate)
        {
            Ear ear = New(ListenMode.Open, rate);
            Feed(ear, 1, rate);
            Assert.IsTrue(_pts.Count >= 49 && _pts.Count <= 50, _pts.Count + " frames");
            for (int index = 0; index < _pts.Count; index++) Assert.AreEqual(320L * index, _pts[index]);
            Assert.AreEqual(640 * _pts.Count, _micBytes);
            Assert.Greater(ear.Level, 0.3);
        }

        [Test]
        public void TheKeySendsWhatWasSaidBeforeAndAfter()
        {
            Ear ear = New(ListenMode.PushToTalk);
            Feed(ear, 2);
            Assert.AreEqual(0, _pts.Count);
            long down = ear.Pts;
            ear.Talk(true, 2);
            Assert.AreEqual(25, _pts.Count, "half a second before");
            Assert.AreEqual(down - 8000, _pts[0]);
            Feed(ear, 1);
            ear.Talk(false, 3);
            long up = ear.Pts;
            Feed(ear, 1);
            Assert.AreEqual(new[] { "on " + down, "mic", "off " + (up + 4800) }, _sent);
            Assert.AreEqual(up + 4800 - 320, _pts[_pts.Count - 1]);
            for (int index = 1; index < _pts.Count; index++) Assert.AreEqual(_pts[index - 1] + 320, _pts[index]);
            ear.Talk(true, 5);
            Assert.IsTrue(_pts[_pts.Count - 25] >= up + 4800, "nothing twice");
        }

        [Test]
        public void PressedAgainDuringTheTailItGoesOn()
        {
            Ear ear = New(ListenMode.PushToTalk);
            ear.Talk(true, 0);
            Feed(ear, 0.5);
            ear.Talk(false, 0.5);
            Feed(ear, 0.1);
            ear.Talk(true, 0.6);
            Feed(ear, 1);
            Assert.IsTrue(ear.Talking);
            Assert.AreEqual(2, _sent.Count);
        }

        [Test]
        public void ATailEndsWithoutAMicrophoneToo()
        {
            Ear ear = New(ListenMode.PushToTalk);
            ear.Talk(true, 0);
            ear.Talk(false, 1);
            ear.Step(1.5);
            Assert.IsTrue(ear.Talking);
            ear.Step(1.7);
            Assert.IsFalse(ear.Talking);
        }

        [Test]
        public void ClosingWhileListeningSendsTheSilenceThatEndsAnUtterance()
        {
            Ear ear = New(ListenMode.Open);
            Feed(ear, 1);
            int before = _pts.Count;
            ear.Close();
            Assert.AreEqual(30, _pts.Count - before);
            Assert.IsFalse(ear.IsOpen);
            ear.Open(44100);
            Feed(ear, 0.1, 44100);
            for (int index = 1; index < _pts.Count; index++) Assert.AreEqual(_pts[index - 1] + 320, _pts[index], "the position never stops");
        }

        [Test]
        public void ZerosForASecondAreAMutedMicrophone()
        {
            Ear ear = New(ListenMode.PushToTalk);
            Feed(ear, 0.9, 48000, 0);
            Assert.IsFalse(ear.Muted);
            Feed(ear, 0.3, 48000, 0);
            Assert.IsTrue(ear.Muted);
            Feed(ear, 0.1);
            Assert.IsFalse(ear.Muted);
        }

        [Test]
        public void AMendedConnectionHasTheKeyDownAgain()
        {
            Ear ear = New(ListenMode.PushToTalk);
            Feed(ear, 0.1);
            ear.Talk(true, 0);
            ear.Mended();
            ear.NewSession();
            Assert.AreEqual(3, _sent.FindAll(each => each.StartsWith("on", StringComparison.Ordinal)).Count);
            ear.Mode = ListenMode.Off;
            Assert.IsFalse(ear.Talking);
        }

        [Test]
        public void LostSoundIsAHoleInThePositions()
        {
            Ear ear = New(ListenMode.Open);
            Feed(ear, 0.5);
            int before = _pts.Count;
            long last = _pts[before - 1];
            ear.Skip(1.005); // 50 frames and a quarter
            Feed(ear, 0.5);
            Assert.AreEqual(last + 51 * 320, _pts[before], "the frames that are missing, and the next");
            for (int index = before + 1; index < _pts.Count; index++) Assert.AreEqual(_pts[index - 1] + 320, _pts[index]);
            for (int small = 0; small < 8; small++) ear.Skip(0.0025);
            long next = _pts[_pts.Count - 1];
            Feed(ear, 0.1);
            Assert.AreEqual(next + 2 * 320, _pts.Find(pts => pts > next), "parts of frames add up");
        }

        [Test]
        public void WhatLiesBeforeALongHoleIsNoBeginningOfWhatIsSaid()
        {
            Ear ear = New(ListenMode.PushToTalk);
            Feed(ear, 1);
            ear.Skip(0.1);
            Feed(ear, 0.2);
            ear.Talk(true, 0);
            Assert.IsTrue(_pts.Count > 10 && _pts.Count < 25, _pts.Count + " frames from both sides of a short hole");
            ear.Release();
            _pts.Clear();
            Feed(ear, 1);
            ear.Skip(3);
            Feed(ear, 0.1);
            ear.Talk(true, 0);
            Assert.IsTrue(_pts.Count >= 3 && _pts.Count <= 6, _pts.Count + " frames, none from before three seconds");
        }

        [Test]
        public void ADeafEarSendsWhatAHeldKeySays()
        {
            Ear ear = New(ListenMode.Open);
            ear.Deaf = true;
            Feed(ear, 1);
            Assert.AreEqual(0, _pts.Count);
            ear.Talk(true, 1);
            Feed(ear, 0.2);
            Assert.IsTrue(_pts.Count >= 9);
            Assert.IsTrue(_pts[0] >= 48 * 320, "positions went on");
        }

        [Test]
        public void AFailingMicrophoneIsTriedInGrowingPauses()
        {
            MicrophoneTries tries = new MicrophoneTries();
            List<double> at = new List<double>();
            for (double now = 0; now < 600; now += 0.01)
            {
                if (!tries.Due(now)) continue;
                at.Add(now);
                tries.Begin(now);
                tries.Fail(now, false);
            }
            Assert.IsTrue(at.Count >= 10 && at.Count <= 24, at.Count + " attempts in ten minutes");
            Assert.IsTrue(at[at.Count - 1] - at[at.Count - 2] <= 60.1, "a minute at most");
            double before = at[at.Count - 1];
            tries.Want();
            Assert.IsTrue(tries.Due(before + 1), "the user wants it");
            tries.Begin(601);
            Assert.IsFalse(tries.Heard(602), "for a second only");
            Assert.IsTrue(tries.Heard(607));
            tries.Fail(607, false);
            Assert.IsTrue(tries.Due(607), "one that worked is opened at once");
        }

        [Test]
        public void ARefusedMicrophoneWaitsForTheUser()
        {
            MicrophoneTries tries = new MicrophoneTries();
            tries.Begin(0);
            tries.Fail(0, true);
            Assert.IsFalse(tries.Due(1000));
            tries.Want();
            Assert.IsTrue(tries.Due(1000));
        }
    }
}
