using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class PlayoutTests
    {
        const int Rate = 24000;

        static List<Point> Points(Playout playout)
        {
            List<Point> all = new List<Point>();
            while (playout.Points.TryRead(out Point point)) all.Add(point);
            return all;
        }

        static short[] Read(Playout playout, int count)
        {
            short[] air = new short[count];
            playout.Read(air, 0, count);
            return air;
        }

        [Test]
        public void ATurnStartsWhenEnoughIsBuffered()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Begin(1);
            playout.Append(1, 0, Wire.Pcm(1919));
            Assert.AreEqual(0, Read(playout, 100)[0]);
            playout.Append(1, 3838, Wire.Pcm(1, 1920));
            short[] air = Read(playout, 1920);
            Assert.AreEqual(1, air[0]);
            Assert.AreEqual(1920, air[1919]);
            List<Point> points = Points(playout);
            Assert.AreEqual(1, points.Count);
            Assert.AreEqual(100, points[0].Air);
        }

        [Test]
        public void WhatIsThereStartsWhenNothingHasComeForAWhile()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, Wire.Pcm(100));
            Read(playout, 6001);
            Assert.AreEqual(1, Read(playout, 10)[0]);
        }

        [Test]
        public void RunningDryHoldsThePlayheadAndRaisesTheThreshold()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, Wire.Pcm(2400));
            Read(playout, 4000);
            playout.Playhead(out long turn, out long pts);
            Assert.AreEqual(1, turn);
            Assert.AreEqual(4800, pts);
            Assert.AreEqual(1, playout.Underruns);
            Assert.AreEqual(0.12, playout.Prime, 1e-9);
            playout.Append(1, 4800, Wire.Pcm(2400, 2401));
            Assert.AreEqual(0, Read(playout, 10)[9], "not yet the new threshold");
            playout.Append(1, 9600, Wire.Pcm(1000, 4801));
            Assert.AreEqual(2401, Read(playout, 10)[0]);
            playout.End(1, EndReason.Complete);
            Read(playout, 6000);
            List<Point> points = Points(playout);
            Assert.AreEqual(new[] { PointKind.Run, PointKind.Hold, PointKind.Run, PointKind.End }, points.ConvertAll(point => point.Kind));
            Assert.AreEqual(2400, points[1].Sample);
            Assert.AreEqual(2400, points[1].Air);
            Assert.AreEqual(5800, points[3].Sample);
            Assert.AreEqual(0.12, playout.Prime, 1e-9, "it had run dry, so the threshold stays");
        }

        [Test]
        public void AnInterruptionFadesOutWithinSixtyMilliseconds()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, new Segment(Loud(12000), 0, 24000));
            Read(playout, 2400);
            playout.Interrupt(1);
            short[] air = Read(playout, 2400);
            Assert.Greater(air[100], 8000);
            for (int index = 1; index < 1440; index++) Assert.IsTrue(air[index] <= air[index - 1]);
            Assert.AreEqual(0, air[1500]);
            playout.Append(1, 24000, Wire.Pcm(2400));
            Assert.AreEqual(0, Read(playout, 3000)[2999]);
            List<Point> points = Points(playout);
            Assert.AreEqual(PointKind.End, points[1].Kind);
            Assert.IsTrue(points[1].Cut);
            Assert.AreEqual(3840, points[1].Sample);
        }

        [Test]
        public void ACutFromAnotherThreadIsAnInterruption()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, Wire.Pcm(4800));
            playout.Append(2, 0, Wire.Pcm(2400, 7));
            playout.End(2, EndReason.Complete);
            Read(playout, 100);
            playout.Cut(1);
            Read(playout, 1440);
            Assert.AreEqual(7, Read(playout, 100)[0], "the next turn follows");
        }

        [Test]
        public void AResetForgetsCutsAndTurns()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(3, 0, Wire.Pcm(4800));
            Read(playout, 100);
            playout.Cut(3);
            playout.Reset();
            playout.Begin(1);
            playout.Append(1, 0, Wire.Pcm(2400, 9));
            Assert.AreEqual(9, Read(playout, 100)[0]);
            Assert.AreEqual(0, Read(playout, 100)[0] == 9 ? 1 : 0);
        }

        [Test]
        public void DuckingTakesTwentyMillisecondsThereAndBack()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, new Segment(Loud(24000), 0, 48000));
            Read(playout, 100);
            playout.Duck(true);
            short[] air = Read(playout, 600);
            Assert.AreEqual(3000, air[500], 2);
            playout.Duck(false);
            Assert.AreEqual(10000, Read(playout, 600)[500], 2);
        }

        [Test]
        public void ChunkingNeverChangesTheResult()
        {
            byte[] sound = new byte[2 * 30000];
            new Random(3).NextBytes(sound);
            short[] whole = Play(sound, 30000, 40000);
            foreach (int chunk in new[] { 1, 7, 160, 999, 2400 })
                Assert.AreEqual(whole, Play(sound, 30000, chunk), "in pieces of " + chunk);
        }

        static short[] Play(byte[] sound, int count, int chunk)
        {
            Playout playout = new Playout(Rate, 0.3);
            for (int at = 0; at < count; at += 2400)
                playout.Append(1, at * 2, new Segment(sound, 2 * at, 2 * Math.Min(2400, count - at)));
            playout.End(1, EndReason.Complete);
            short[] air = new short[count + 1000];
            for (int at = 0; at < air.Length; at += chunk) playout.Read(air, at, Math.Min(chunk, air.Length - at));
            return air;
        }

        [Test]
        public void GapsAreSilenceAndRepeatsAreSkipped()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Begin(1);
            playout.Append(1, 0, Wire.Pcm(100));
            playout.Append(1, 100, Wire.Pcm(100, 51)); // 50 of them are known
            playout.Append(1, 400, Wire.Pcm(100, 201)); // 50 are missing
            playout.End(1, EndReason.Complete);
            short[] air = Read(playout, 300);
            for (int index = 0; index < 150; index++) Assert.AreEqual(index + 1, air[index]);
            for (int index = 150; index < 200; index++) Assert.AreEqual(0, air[index]);
            Assert.AreEqual(201, air[200]);
        }

        [Test]
        public void AViewerBeginsInTheMiddle()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(4, 48000, Wire.Pcm(2400));
            Assert.AreEqual(1, Read(playout, 10)[0]);
            playout.Playhead(out _, out long pts);
            Assert.AreEqual(48020, pts);
        }

        [Test]
        public void ATurnWithoutSoundEnds()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Begin(1);
            playout.End(1, EndReason.Failed);
            Read(playout, 10);
            List<Point> points = Points(playout);
            Assert.AreEqual(PointKind.End, points[1].Kind);
            Assert.AreEqual(EndReason.Failed, points[1].Reason);
        }

        [Test]
        public void ALongSessionUsesTheRingAgainAndAgain()
        {
            Playout playout = new Playout(Rate, 0.3, null, 1);
            long turn = 0;
            Random random = new Random(5);
            for (int round = 0; round < 500; round++)
            {
                turn++;
                playout.Begin(turn);
                int count = 2400 + random.Next(2400);
                Assert.IsTrue(playout.Append(turn, 0, Wire.Pcm(count)));
                if (random.Next(3) == 0) playout.Interrupt(turn);
                else playout.End(turn, EndReason.Complete);
                Read(playout, 6000);
                Points(playout);
                while (playout.Reports.TryRead(out _)) { }
            }
            Assert.AreEqual(0.0, playout.Buffered);
        }

        static byte[] Loud(int count)
        {
            byte[] pcm = new byte[2 * count];
            for (int index = 0; index < count; index++)
            {
                pcm[2 * index] = 10000 & 255;
                pcm[2 * index + 1] = 10000 >> 8;
            }
            return pcm;
        }

        sealed class Sine : ISampleSource
        {
            public double Hertz = 440, SourceRate = Rate;
            long _at;

            public void Read(short[] into, int offset, int count)
            {
                for (int index = 0; index < count; index++) into[offset + index] = (short)Math.Round(20000 * Math.Sin(2 * Math.PI * Hertz * _at++ / SourceRate));
            }
        }

        [TestCase(24000, 48000)]
        [TestCase(24000, 44100)]
        [TestCase(48000, 16000)]
        [TestCase(44100, 16000)]
        [TestCase(22050, 16000)]
        [TestCase(16000, 16000)]
        public void ResamplingKeepsATone(int source, int target)
        {
            Resampler resampler = new Resampler(source, target);
            Sine sine = new Sine { SourceRate = source };
            float[] into = new float[target / 2];
            for (int at = 0; at < into.Length; at += 441) resampler.Read(sine, into, at, Math.Min(441, into.Length - at));
            double worst = 0;
            for (int index = 200; index < into.Length - 200; index++)
                worst = Math.Max(worst, Math.Abs(into[index] - 20000 / 32768.0 * Math.Sin(2 * Math.PI * 440 * index / target)));
            Assert.Less(worst, 0.002, "at the same place in time, without delay");
        }

        [Test]
        public void ResamplingInPiecesIsTheSame()
        {
            float[] whole = new float[10000], pieces = new float[10000];
            new Resampler(24000, 44100).Read(new Sine(), whole, 0, whole.Length);
            Resampler resampler = new Resampler(24000, 44100);
            Sine sine = new Sine();
            Random random = new Random(2);
            for (int at = 0; at < pieces.Length;)
            {
                int count = Math.Min(1 + random.Next(700), pieces.Length - at);
                resampler.Read(sine, pieces, at, count);
                at += count;
            }
            Assert.AreEqual(whole, pieces);
        }

        [TestCase(1, 512, 0.003)]
        [TestCase(1, 1024, 0.004)]
        [TestCase(4, 512, 0.003)]
        public void TheClockFollowsTheMixer(int burst, int block, double jitter)
        {
            PlayoutClock clock = new PlayoutClock();
            Random random = new Random(1);
            double worst = 0, rate = 48000 * (1 + 80e-6);
            double nextFrame = 1, wake = 0;
            long blocks = 0;
            while (wake < 600)
            {
                wake = blocks * block / rate;
                double late = wake + jitter * random.NextDouble();
                while (nextFrame < late)
                {
                    if (nextFrame > 2) worst = Math.Max(worst, Math.Abs(clock.At(nextFrame) - nextFrame * (1 + 80e-6)));
                    nextFrame += 1 / 72.0;
                }
                for (int each = 0; each < burst; each++, blocks++) clock.OnBlock(late + each * 2e-4, blocks * block / 48000.0, block / 48000.0);
            }
            Assert.Less(worst, 0.001);
        }

        [TestCase(0.03)]
        [TestCase(0.06)]
        [TestCase(0.09)]
        public void TheClockIsRightAgainSoonAfterTheMixerDroppedOut(double dropout)
        {
            PlayoutClock clock = new PlayoutClock();
            Random random = new Random(1);
            double worst = 0, nextFrame = 1;
            for (int block = 0; block < 2000; block++)
            {
                double stood = block < 1000 ? 0 : dropout, late = block * 0.01 + stood + 0.003 * random.NextDouble();
                for (; nextFrame < late; nextFrame += 1 / 72.0)
                    if (nextFrame < 10 || nextFrame > 13) worst = Math.Max(worst, Math.Abs(clock.At(nextFrame) - (nextFrame - (nextFrame < 10 ? 0 : dropout))));
                clock.OnBlock(late, block * 0.01, 0.01);
            }
            Assert.Less(worst, 0.002);
        }

        [Test]
        public void TheClockStopsWithTheMixerAndBeginsAnew()
        {
            PlayoutClock clock = new PlayoutClock();
            Assert.AreEqual(-1.0, clock.At(0));
            for (int block = 0; block < 100; block++) clock.OnBlock(block * 0.01, block * 0.01, 0.01);
            Assert.Less(clock.At(60), 1.1);
            for (int block = 100; block < 200; block++) clock.OnBlock(59 + block * 0.01, block * 0.01, 0.01);
            Assert.AreEqual(1.995, clock.At(60.995), 0.002);
        }
    }
}
