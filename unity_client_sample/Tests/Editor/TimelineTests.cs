using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class TimelineTests
    {
        static readonly FaceFormat Face = new FaceFormat("arkit52", 60, new[] { "jawOpen", "headYaw" }, new[] { 0.0, -0.5 }, new[] { 1.0, 0.49609375 });

        static Media Frames(long turn, int first, params byte[] jaw)
        {
            byte[] face = new byte[2 * jaw.Length];
            for (int index = 0; index < jaw.Length; index++)
            {
                face[2 * index] = jaw[index];
                face[2 * index + 1] = 128;
            }
            return new Media(turn, 0, 0, Segment.Empty, first * 800L, new Segment(face, 0, face.Length), FaceSource.Exact);
        }

        static List<string> Due(Timeline timeline)
        {
            List<string> all = new List<string>();
            while (timeline.Next(out Heard heard)) all.Add(heard.Kind + (heard.Text.Length > 0 ? " " + heard.Text : ""));
            return all;
        }

        static float Jaw(Timeline timeline, double now)
        {
            float[] weights = new float[2];
            timeline.Sample(now, 0, weights);
            return weights[0];
        }

        [Test]
        public void WordsAndCuesComeWithTheSound()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(new Word(1, 1, "Hello,", 2400, 10000));
            timeline.Add(new Cue(1, 2, 2400, true, "happy", 1));
            timeline.Add(new Word(1, 3, "Ada.", 24000, 30000));
            timeline.Add(new Point(PointKind.Run, 1, 0, 1000));
            timeline.Advance(999);
            Assert.AreEqual(new string[0], Due(timeline));
            timeline.Advance(1000);
            Assert.AreEqual(new[] { "Began" }, Due(timeline));
            timeline.Advance(1000 + 1200);
            Assert.AreEqual(new[] { "Word Hello,", "Cue happy" }, Due(timeline));
            timeline.Add(new Point(PointKind.Hold, 1, 6000, 7000));
            timeline.Advance(50000);
            Assert.AreEqual(new[] { "Held" }, Due(timeline));
            Assert.AreEqual(12000.0, timeline.Pts, 0.0);
            timeline.Add(new Point(PointKind.Run, 1, 6000, 60000));
            timeline.Add(new Point(PointKind.End, 1, 13000, 67000));
            timeline.Advance(70000);
            Assert.AreEqual(new[] { "Word Ada.", "Ended" }, Due(timeline));
            Assert.AreEqual(0L, timeline.Turn);
        }

        [Test]
        public void FramesAreBlendedAtTheSampleThatIsHeard()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(Frames(1, 0, 0, 100, 200), 0);
            timeline.Add(new Point(PointKind.Run, 1, 0, 0));
            timeline.Advance(600);
            Jaw(timeline, 0);
            Assert.AreEqual(150 / 255.0, Jaw(timeline, 1), 1e-6);
            timeline.Advance(400);
            Assert.AreEqual(100 / 255.0, Jaw(timeline, 1.1), 1e-6);
            Assert.AreEqual(FaceSource.Exact, timeline.Source);
        }

        [Test]
        public void MissingFramesHoldTheLast()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(Frames(1, 0, 10, 250), 0);
            timeline.Add(Frames(1, 40, 60), 0);
            timeline.Add(new Point(PointKind.Run, 1, 0, 0));
            timeline.Advance(8000);
            Jaw(timeline, 0);
            Assert.AreEqual(250 / 255.0, Jaw(timeline, 1), 1e-6);
            timeline.Advance(16000);
            Assert.AreEqual(60 / 255.0, Jaw(timeline, 2), 1e-6);
        }

        [Test]
        public void AnEndEasesToRestAndACutFaster()
        {
            foreach (bool cut in new[] { false, true })
            {
                Timeline timeline = new Timeline(Face, 24000);
                timeline.Add(Frames(1, 0, 255, 255), 0);
                timeline.Add(new Point(PointKind.Run, 1, 0, 0));
                timeline.Advance(100);
                Jaw(timeline, 0);
                Jaw(timeline, 1);
                timeline.Add(new Point(PointKind.End, 1, 200, 200, cut));
                timeline.Advance(300);
                Assert.AreEqual(1.0, Jaw(timeline, 2), 1e-6);
                Assert.AreEqual(cut ? 0.5 : 0.75, Jaw(timeline, 2.05), 1e-4);
                Assert.AreEqual(0.0, Jaw(timeline, 2.21), 1e-6);
            }
        }

        [Test]
        public void ACutTurnSaysNoMore()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(new Word(1, 1, "never", 4800, 5000));
            timeline.Add(new Point(PointKind.Run, 1, 0, 0));
            timeline.Advance(10);
            Due(timeline);
            timeline.Drop(1);
            timeline.Add(new Point(PointKind.End, 1, 9000, 9000, true));
            timeline.Advance(9500);
            Assert.AreEqual(new[] { "Ended" }, Due(timeline));
        }

        [Test]
        public void PointsOfAnOldSessionAreIgnored()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(new Point(PointKind.Run, 1, 0, 0));
            timeline.Advance(10);
            Due(timeline);
            timeline.NewSession();
            timeline.Add(new Point(PointKind.End, 1, 20, 20, true));
            timeline.Add(new Point(PointKind.Reset, 0, 0, 20));
            timeline.Add(new Point(PointKind.Run, 1, 0, 30));
            timeline.Advance(40);
            Assert.AreEqual(new[] { "Began" }, Due(timeline));
        }

        [Test]
        public void IdleLifeIsShownBetweenTurnsAndNotHeldWhenItStops()
        {
            Timeline timeline = new Timeline(Face, 24000);
            for (int message = 0; message < 30; message++)
            {
                byte[] rows = new byte[6];
                for (int index = 0; index < 6; index++) rows[index] = 200;
                timeline.Add(Frames(0, 6 * message, rows), 10 + 0.1 * message);
                for (int frame = 0; frame < 6; frame++) Jaw(timeline, 10 + 0.1 * message + frame / 60.0);
            }
            Assert.AreEqual(200 / 255.0, Jaw(timeline, 13), 1e-3);
            Assert.IsTrue(timeline.Alive);
            Jaw(timeline, 14);
            Assert.AreEqual(0.0, Jaw(timeline, 14.5), 1e-6);
            Assert.IsFalse(timeline.Alive);
        }

        [Test]
        public void ALongTurnAllocatesNothingOnceWarm()
        {
            Timeline timeline = new Timeline(Face, 24000);
            timeline.Add(new Point(PointKind.Run, 1, 0, 0));
            for (int message = 0; message < 1000; message++)
            {
                timeline.Add(Frames(1, 6 * message, 1, 2, 3, 4, 5, 6), 0);
                timeline.Advance(message * 2400.0);
                Jaw(timeline, message);
            }
            Assert.AreEqual(1L, timeline.Turn);
        }
    }
}
