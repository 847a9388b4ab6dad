using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class TogetherTests
    {
        const int Rate = 24000;

        static List<string> Points(Playout playout)
        {
            List<string> all = new List<string>();
            while (playout.Points.TryRead(out Point point)) all.Add(point.Kind + " " + point.Sample + " " + point.Air);
            return all;
        }

        static short[] Read(Playout playout, int count)
        {
            short[] air = new short[count];
            playout.Read(air, 0, count);
            return air;
        }

        static Together Device()
        {
            Together made = new Together { Room = true };
            made.Pong(0, 5010, 20); // the server's clock is 5000 ms ahead
            return made;
        }

        [Test]
        public void TheQuickestAnswerTellsTheClock()
        {
            InStep step = new InStep();
            Assert.AreEqual(1.0, step.Speed(0, 5000));
            for (int number = 0; number < 10; number++) step.Pong(1000 * number, 500000 + 1000 * number + 20, 1000 * number + 40 + (number == 4 ? 0 : 80));
            step.Pong(50, 0, 10);
            step.Pong(double.NaN, double.NaN, double.NaN);
            Assert.AreEqual(500000.0, step.Offset);
            Assert.AreEqual(7000.0, step.Here(507000));
        }

        [Test]
        public void ItPlaysFasterOrSlowerUntilItIsThere()
        {
            InStep step = new InStep();
            step.Pong(0, 0, 0);
            double[] speeds = new[] { 1000, 1003, 1006, 1002, 1000.2, 994, 1001, 1400, 600 }.Select(now => step.Speed(1000, now)).ToArray();
            Assert.AreEqual(new[] { 1, 1, 1.01, 1.01, 1, 0.99, 1, double.PositiveInfinity, 0 }, speeds);
        }

        [Test]
        public void PingsAreQuickUntilTheLineIsKnown()
        {
            Together together = Device();
            Assert.IsTrue(together.Due(1000));
            Assert.IsFalse(together.Due(1199));
            Assert.IsTrue(together.Due(1200));
            for (int number = 0; number < 10; number++) together.Pong(number, number, number);
            Assert.IsFalse(together.Due(3199));
            Assert.IsTrue(together.Due(3200));
            Assert.IsFalse(new Together().Due(0), "outside of a room nobody is asked for a clock");
        }

        [Test]
        public void APieceIsDueByTheServersClockAndPlayedBySpeed()
        {
            Together together = Device();
            Assert.AreEqual(2000.0, together.Place(1, 0, 7000));
            Assert.IsTrue(double.IsNaN(together.Place(1, 4800, 0)), "nobody says");
            Assert.IsTrue(double.IsNaN(new Together { Room = true }.Place(1, 0, 7000)), "the clock is not known yet");
            Assert.IsTrue(double.IsNaN(new Together().Place(1, 0, 7000)), "in no room");
            together.Place(1, 4800, 7150); // 50 ms of silence before it
            Assert.AreEqual(1.0, together.Speed(1, 2400, 2050));
            Assert.AreEqual(1.01, together.Speed(1, 2400, 2056));
            Assert.AreEqual(1.0, together.Speed(1, 4800, 2150));
            Assert.AreEqual(0.99, together.Speed(1, 9600, 2240));
            Assert.AreEqual(1.0, together.Speed(1, 9600, 9999), "what is too far off begins anew with its next piece");
            Assert.AreEqual(1.0, together.Speed(2, 0, 0));
        }

        [Test]
        public void ItBeginsWhenItIsDueAndGoesOnAfterASilence()
        {
            Playout playout = new Playout(Rate, 0.3);
            playout.Append(1, 0, Wire.Pcm(2400), 1000);
            playout.Append(1, 4800, Wire.Pcm(2400, 2401), 1000 + 2400 + 1200);
            playout.End(1, EndReason.Complete);
            short[] air = Read(playout, 9600);
            Assert.AreEqual("0 1 2400 2401 4800", air[999] + " " + air[1000] + " " + air[3399] + " " + air[4600] + " " + air[6999]);
            Assert.AreEqual("Run 0 1000, Hold 2400 3400, Run 2400 4600, End 4800 7000", string.Join(", ", Points(playout)));
        }

        [Test]
        public void WhatComesTooLateIsJoinedWhereItIsByNow()
        {
            Playout playout = new Playout(Rate, 0.3);
            Read(playout, 2000);
            playout.Append(1, 0, Wire.Pcm(1200), 500);
            Read(playout, 256);
            playout.Append(1, 2400, Wire.Pcm(3600, 1201), 1700);
            playout.End(1, EndReason.Complete);
            short[] air = Read(playout, 4800);
            Assert.AreEqual(2256 - 500 + 1, air[0]);
            Assert.AreEqual("Run 1756 2256, End 4800 5300", string.Join(", ", Points(playout)));
        }

        [Test]
        public void ALatePieceDoesNotPullTheNextOneForward()
        {
            Playout playout = new Playout(Rate, 0.3);
            Read(playout, 2000);
            playout.Append(1, 0, Wire.Pcm(480), 500); // over by now
            playout.Append(1, 960, Wire.Pcm(2400, 481), 3000); // after a silence
            playout.End(1, EndReason.Complete);
            Read(playout, 4800);
            Assert.AreEqual("Run 480 3000, End 2880 5400", string.Join(", ", Points(playout)));
        }

        [TestCase(1.01)]
        [TestCase(0.99)]
        public void ALittleFasterOrSlowerItIsHeardWhole(double speed)
        {
            Playout playout = new Playout(Rate, 0.3) { Speed = speed };
            short[] tone = Enumerable.Range(0, 24000).Select(at => (short)(9000 * System.Math.Sin(2 * System.Math.PI * 200 * at / Rate))).ToArray();
            byte[] pcm = new byte[48000];
            System.Buffer.BlockCopy(tone, 0, pcm, 0, pcm.Length);
            playout.Append(1, 0, new Segment(pcm, 0, pcm.Length));
            playout.End(1, EndReason.Complete);
            List<short> air = new List<short>();
            List<Point> points = new List<Point>();
            for (int block = 0; block < 110; block++)
            {
                air.AddRange(Read(playout, 240));
                while (playout.Points.TryRead(out Point point)) points.Add(point);
            }
            Point end = points[points.Count - 1];
            Assert.AreEqual(PointKind.End, end.Kind);
            Assert.AreEqual(24000L, end.Sample);
            Assert.IsTrue(System.Math.Abs(end.Air * speed - 24000) < 300, end.Air.ToString());
            Assert.IsTrue(points.Count < 30, "told twenty times a second, not in each block");
            foreach (Point point in points.Where(each => each.Kind == PointKind.Slide)) Assert.IsTrue(System.Math.Abs(point.Air * speed - point.Sample) < 2, point.Air + " " + point.Sample);
            int most = Enumerable.Range(1, (int)end.Air - 400).Max(at => System.Math.Abs(air[at] - air[at - 1]));
            Assert.IsTrue(most < 520, "no click: " + most);
        }

        [Test]
        public void FasterItDoesNotRunIntoWhatIsDueLater()
        {
            Playout playout = new Playout(Rate, 0.3) { Speed = 1.01 };
            playout.Append(1, 0, Wire.Pcm(2400), 0);
            playout.Append(1, 4800, Wire.Pcm(2400, 2401), 3600);
            playout.End(1, EndReason.Complete);
            Read(playout, 7200);
            Assert.IsTrue(Points(playout).Contains("Run 2400 3600"));
        }
    }
}
