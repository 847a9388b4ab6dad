#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge.Demo
{
    /// <summary>A blend shape: what it adds to each vertex and each normal at weight 1.</summary>
    public sealed class HeadShape
    {
        internal HeadShape(string name, Point3[] moves, Point3[] normals)
        {
            Name = name;
            Moves = moves;
            Normals = normals;
        }

        public string Name { get; }
        public Point3[] Moves { get; }
        public Point3[] Normals { get; }
    }

    /// <summary>
    /// A head that needs no art: one mesh, one texture, the 52 shapes of ARKit and the 15 visemes of Oculus. About 0.31 m high,
    /// its middle between the ears, the face to +z. Engine-free; <see cref="DemoHead"/> puts it on a renderer.
    /// </summary>
    public sealed class HeadMesh
    {
        readonly HeadParts _parts = new HeadParts();
        readonly int _welds;

        public HeadMesh()
        {
            List<HeadVertex> vertices = _parts.Vertices;
            Vertices = new Point3[vertices.Count];
            Uv = new float[vertices.Count * 2];
            for (int at = 0; at < vertices.Count; at++)
            {
                Vertices[at] = vertices[at].Rest;
                Uv[2 * at] = vertices[at].U;
                Uv[2 * at + 1] = vertices[at].V;
                _welds = Math.Max(_welds, vertices[at].Weld + 1);
            }
            Triangles = _parts.Triangles.ToArray();
            Normals = NormalsOf(Vertices);
            Shapes = Sculpt();
        }

        public Point3[] Vertices { get; }
        public Point3[] Normals { get; }

        /// <summary>Pairs, 0..1.</summary>
        public float[] Uv { get; }

        /// <summary>Triples, clockwise seen from outside.</summary>
        public int[] Triangles { get; }
        public IReadOnlyList<HeadShape> Shapes { get; }

        /// <summary>The edges of the lips, from the own left corner to the right one; equal places lie over each other.</summary>
        public IReadOnlyList<int> UpperLip => _parts.UpperEdge;
        public IReadOnlyList<int> LowerLip => _parts.LowerEdge;

        /// <summary>Vertices of a part (a name of the sculpture: Eye, UpperLid, Brow, Tongue ...) on a side: own left -1, right 1, middle 0.</summary>
        public IEnumerable<int> PartOf(string part, int side)
        {
            for (int at = 0; at < _parts.Vertices.Count; at++)
                if (_parts.Vertices[at].Part.ToString() == part && _parts.Vertices[at].Side == side) yield return at;
        }

        List<HeadShape> Sculpt()
        {
            List<HeadShape> shapes = new List<HeadShape>();
            Dictionary<string, Point3[]> moved = new Dictionary<string, Point3[]>();
            foreach (string name in FaceNames.Arkit)
            {
                moved[name] = Moves(name);
                shapes.Add(Shape(name, moved[name]));
            }
            foreach (KeyValuePair<string, KeyValuePair<string, double>[]> viseme in HeadVisemes.All)
            {
                Point3[] sum = new Point3[Vertices.Length];
                foreach (KeyValuePair<string, double> part in viseme.Value)
                {
                    Point3[] moves = moved[part.Key];
                    for (int at = 0; at < sum.Length; at++) sum[at] += moves[at] * part.Value;
                }
                shapes.Add(Shape(viseme.Key, sum));
            }
            return shapes;
        }

        Point3[] Moves(string name)
        {
            Point3[] moves = new Point3[Vertices.Length];
            for (int at = 0; at < moves.Length; at++)
            {
                HeadVertex vertex = _parts.Vertices[at];
                // The bag hangs between the lips, whose vertices come before it.
                moves[at] = vertex.Part == HeadPart.Bag ? moves[vertex.Above] * (1 - vertex.Row) + moves[vertex.Below] * vertex.Row : HeadMorphs.Move(name, vertex);
            }
            return moves;
        }

        HeadShape Shape(string name, Point3[] moves)
        {
            Point3[] there = new Point3[moves.Length];
            for (int at = 0; at < there.Length; at++) there[at] = Vertices[at] + moves[at];
            Point3[] normals = NormalsOf(there);
            for (int at = 0; at < normals.Length; at++) normals[at] -= Normals[at];
            return new HeadShape(name, moves, normals);
        }

        // Area-weighted; vertices of one weld share theirs.
        Point3[] NormalsOf(Point3[] points)
        {
            Point3[] sums = new Point3[_welds];
            for (int at = 0; at < Triangles.Length; at += 3)
            {
                Point3 a = points[Triangles[at]], b = points[Triangles[at + 1]], c = points[Triangles[at + 2]];
                Point3 face = Point3.Cross(b - a, c - a);
                for (int corner = 0; corner < 3; corner++) sums[_parts.Vertices[Triangles[at + corner]].Weld] += face;
            }
            Point3[] normals = new Point3[points.Length];
            for (int at = 0; at < normals.Length; at++)
            {
                Point3 sum = sums[_parts.Vertices[at].Weld];
                double length = sum.Length;
                normals[at] = length < 1e-12 ? new Point3(0, 0, 1) : sum * (1 / length);
            }
            return normals;
        }
    }
}
