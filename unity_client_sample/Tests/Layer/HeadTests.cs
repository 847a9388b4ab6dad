using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge.Demo;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    /// <summary>The head that is made in code: every shape moves what it should, and lips and lids close.</summary>
    public sealed class HeadTests
    {
        const double Millimetre = 1e-3;

        static readonly HeadMesh Head = new HeadMesh();
        static readonly Dictionary<string, HeadShape> Shapes = Head.Shapes.ToDictionary(shape => shape.Name);

        static Point3 At(int vertex, params (string shape, double weight)[] weights)
        {
            Point3 at = Head.Vertices[vertex];
            foreach ((string shape, double weight) in weights) at += Shapes[shape].Moves[vertex] * weight;
            return at;
        }

        static double Gap(int column, params (string shape, double weight)[] weights) =>
            (At(Head.UpperLip[column], weights) - At(Head.LowerLip[column], weights)).Length;

        static double Widest(params (string shape, double weight)[] weights) => Enumerable.Range(0, Head.UpperLip.Count).Max(column => Gap(column, weights));

        static double Moved(string shape, IEnumerable<int> vertices) => vertices.Max(vertex => Shapes[shape].Moves[vertex].Length);

        static Point3 Mean(string shape, IEnumerable<int> vertices)
        {
            List<int> all = vertices.ToList();
            return all.Aggregate(default(Point3), (sum, vertex) => sum + Shapes[shape].Moves[vertex]) * (1.0 / all.Count);
        }

        static IEnumerable<int> All => Enumerable.Range(0, Head.Vertices.Length);

        [Test]
        public void Has52ShapesOfArkitAnd15Visemes()
        {
            string[] names = Head.Shapes.Select(shape => shape.Name).ToArray();
            Assert.AreEqual(67, names.Length);
            Assert.AreEqual(FaceNames.Arkit, names.Take(52).ToArray());
            Assert.AreEqual("arkit52", FaceMap.Detect(names, out int matched));
            Assert.AreEqual(52, matched);
            Assert.AreEqual(15, FaceMap.Build("oculus15", FaceNames.Oculus, names).Matched);
        }

        [Test]
        public void EveryShapeMovesSomethingAndNothingFar()
        {
            foreach (HeadShape shape in Head.Shapes)
            {
                double most = Moved(shape.Name, All);
                Assert.Greater(most, 0.15 * Millimetre, shape.Name);
                Assert.Less(most, 60 * Millimetre, shape.Name);
            }
        }

        [Test]
        public void EveryShapeChangesTheLight()
        {
            foreach (HeadShape shape in Head.Shapes) Assert.Greater(shape.Normals.Max(normal => normal.Length), 0.005, shape.Name);
        }

        [Test]
        public void LeftShapesMoveTheOwnLeftAndRightOnesMirrorThem()
        {
            foreach (string left in FaceNames.Arkit.Where(name => name.EndsWith("Left") && name != "jawLeft" && name != "mouthLeft"))
            {
                string right = left.Substring(0, left.Length - 4) + "Right";
                // The own left is -x.
                double near = Moved(left, All.Where(vertex => Head.Vertices[vertex].X < -8 * Millimetre)), far = Moved(left, All.Where(vertex => Head.Vertices[vertex].X > 8 * Millimetre));
                Assert.Greater(near, 3 * far, left);
                Assert.AreEqual(near, Moved(right, All.Where(vertex => Head.Vertices[vertex].X > 8 * Millimetre)), 0.05 * Millimetre, right);
            }
        }

        [TestCase("eyeBlinkLeft", "UpperLid", -1)]
        [TestCase("eyeSquintRight", "LowerLid", 1)]
        [TestCase("eyeWideLeft", "UpperLid", -1)]
        [TestCase("eyeLookUpRight", "Eye", 1)]
        [TestCase("browDownLeft", "Brow", -1)]
        [TestCase("browInnerUp", "Brow", 1)]
        [TestCase("browOuterUpRight", "Brow", 1)]
        [TestCase("jawOpen", "LowerTeeth", 0)]
        [TestCase("tongueOut", "Tongue", 0)]
        public void MovesItsPart(string shape, string part, int side)
        {
            List<int> own = Head.PartOf(part, side).ToList();
            Assert.Greater(own.Count, 0, part);
            Assert.Greater(Moved(shape, own), 1 * Millimetre, shape);
            if (side != 0 && shape != "browInnerUp") Assert.AreEqual(0, Moved(shape, Head.PartOf(part, -side)), 1e-9, shape + " on the other side");
        }

        [Test]
        public void DirectionsAreRight()
        {
            int middle = Head.UpperLip.Count / 2;
            Assert.Less(Shapes["jawOpen"].Moves[Head.LowerLip[middle]].Y, -20 * Millimetre, "the jaw goes down");
            Assert.Greater(Shapes["mouthSmileLeft"].Moves[Head.UpperLip[0]].Y, 5 * Millimetre, "a smile goes up");
            Assert.Less(Shapes["mouthSmileLeft"].Moves[Head.UpperLip[0]].X, -5 * Millimetre, "and out");
            Assert.Less(Shapes["mouthFrownRight"].Moves[Head.UpperLip[Head.UpperLip.Count - 1]].Y, -5 * Millimetre, "a frown goes down");
            Assert.Less(Shapes["mouthLeft"].Moves[Head.UpperLip[middle]].X, -5 * Millimetre, "to the own left");
            Assert.Greater(Shapes["mouthPucker"].Moves[Head.LowerLip[middle]].Z, 5 * Millimetre, "lips go forward");
            Assert.Greater(Mean("browInnerUp", Head.PartOf("Brow", -1)).Y, 1 * Millimetre, "brows go up");
            Assert.Less(Mean("browDownRight", Head.PartOf("Brow", 1)).Y, -2 * Millimetre, "brows go down");
            Assert.Greater(Moved("tongueOut", Head.PartOf("Tongue", 0)), 30 * Millimetre, "the tongue comes out");
            int pupil = Head.PartOf("Eye", -1).First();
            Assert.Greater(Shapes["eyeLookInLeft"].Moves[pupil].X, 4 * Millimetre, "the left eye looks to the nose");
            Assert.Less(Shapes["eyeLookOutLeft"].Moves[pupil].X, -4 * Millimetre, "and away from it");
            Assert.Greater(Shapes["eyeLookUpLeft"].Moves[pupil].Y, 4 * Millimetre, "up");
        }

        [Test]
        public void LipsTouchAtRest() => Assert.Less(Widest(), 1e-6, "gap");

        [Test]
        public void JawOpenPartsTheLips() => Assert.Greater(Gap(Head.UpperLip.Count / 2, ("jawOpen", 1)), 25 * Millimetre, "gap");

        [Test]
        public void MouthCloseSealsAtEveryOpeningOfTheJaw()
        {
            for (double weight = 0.05; weight <= 1; weight += 0.05)
                Assert.Less(Widest(("jawOpen", weight), ("mouthClose", weight)), 0.01 * Millimetre, "gap at " + weight);
        }

        [Test]
        public void MouthCloseByHalfLeavesHalf()
        {
            int middle = Head.UpperLip.Count / 2;
            Assert.AreEqual(Gap(middle, ("jawOpen", 1)) / 2, Gap(middle, ("jawOpen", 1), ("mouthClose", 0.5)), 0.01 * Millimetre, "gap");
        }

        [Test]
        public void SoundsLookAsTheyAreMade()
        {
            int middle = Head.UpperLip.Count / 2;
            Assert.Less(Widest(("viseme_PP", 1)), 0.3 * Millimetre, "p, b, m seal");
            Assert.Less(Widest(("viseme_sil", 1)), 0.3 * Millimetre, "silence is closed");
            Assert.Greater(At(Head.UpperLip[middle], ("viseme_FF", 1)).Z - At(Head.LowerLip[middle], ("viseme_FF", 1)).Z, 3 * Millimetre, "f, v: the lower lip goes under");
            Assert.Greater(Gap(middle, ("viseme_aa", 1)), 12 * Millimetre, "a is open");
            Assert.Greater(Gap(middle, ("viseme_aa", 1)), 2 * Gap(middle, ("viseme_U", 1)), "more than u");
            double wide(string viseme) => At(Head.UpperLip[Head.UpperLip.Count - 1], (viseme, 1)).X - At(Head.UpperLip[0], (viseme, 1)).X;
            Assert.Greater(wide("viseme_I"), 1.25 * wide("viseme_U"), "i is wide, u is narrow");
        }

        [TestCase(-1, "Left")]
        [TestCase(1, "Right")]
        public void LidsCloseAndStayOutsideOfTheEye(int side, string name)
        {
            List<int> eye = Head.PartOf("Eye", side).ToList(), upper = Head.PartOf("UpperLid", side).ToList(), lower = Head.PartOf("LowerLid", side).ToList();
            Point3 middle = eye.Aggregate(default(Point3), (sum, vertex) => sum + Head.Vertices[vertex]) * (1.0 / eye.Count);
            for (double across = -8 * Millimetre; across <= 8 * Millimetre; across += 4 * Millimetre)
            {
                bool here(int vertex) => Math.Abs(Head.Vertices[vertex].X - middle.X - across) < 2.2 * Millimetre;
                double between(double weight) => upper.Where(here).Min(vertex => At(vertex, ("eyeBlink" + name, weight)).Y) - lower.Where(here).Max(vertex => At(vertex, ("eyeBlink" + name, weight)).Y);
                Assert.Greater(between(0), 7 * Millimetre, "an open eye");
                Assert.Less(between(1), 0.3 * Millimetre, "a closed eye");
            }
            for (double weight = 0; weight <= 1; weight += 0.1)
                foreach (int vertex in upper.Concat(lower))
                {
                    Point3 at = At(vertex, ("eyeBlink" + name, weight)) - middle;
                    if (at.Z > 6 * Millimetre) Assert.Greater(at.Length, 13.9 * Millimetre, "a lid inside of the eye at " + weight);
                }
        }

        [Test]
        public void IsASoundMesh()
        {
            foreach (int vertex in Head.Triangles) Assert.IsTrue(vertex >= 0 && vertex < Head.Vertices.Length, "an index");
            Assert.AreEqual(0, Head.Triangles.Length % 3);
            Assert.Less(Head.Vertices.Length, 65536, "fits 16-bit indices");
            for (int vertex = 0; vertex < Head.Vertices.Length; vertex++)
            {
                Assert.IsFalse(double.IsNaN(Head.Vertices[vertex].Length), "a number");
                Assert.AreEqual(1, Head.Normals[vertex].Length, 1e-4, "a normal");
                Assert.IsTrue(Head.Uv[2 * vertex] >= 0 && Head.Uv[2 * vertex] <= 1 && Head.Uv[2 * vertex + 1] >= 0 && Head.Uv[2 * vertex + 1] <= 1, "a texture coordinate");
            }
        }

        [TestCase("Upper")]
        [TestCase("Lower")]
        [TestCase("Eye")]
        [TestCase("Brow")]
        [TestCase("UpperLid")]
        [TestCase("Tongue")]
        public void FacesOutwards(string part)
        {
            List<int> all = new[] { -1, 0, 1 }.SelectMany(side => Head.PartOf(part, side)).ToList();
            // The foremost tenth: of a closed part that is its front.
            List<int> front = all.OrderByDescending(vertex => Head.Vertices[vertex].Z).Take(all.Count / 10).ToList();
            Assert.Greater(front.Average(vertex => (double)Head.Normals[vertex].Z), 0.3, part);
        }

        [Test]
        public void ThePaintCoversTheSkin()
        {
            byte[] pixels = HeadPaint.Paint(64);
            Assert.AreEqual(64 * 64 * 4, pixels.Length);
            Assert.Greater(pixels.Where((_, at) => at % 4 == 0).Distinct().Count(), 20, "colours");
            Assert.IsTrue(pixels.Where((_, at) => at % 4 == 3).All(alpha => alpha == 255), "opaque");
        }
    }
}
