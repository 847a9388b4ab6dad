#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge.Demo
{
    /// <summary>Builds the head at rest: skin in two sheets that meet at the mouth, and what lies in it and on it.</summary>
    internal sealed class HeadParts
    {
        const int LipColumns = 8, SideColumns = 10, BackColumns = 6; // from the middle to a corner, to the ear, to the back
        const int BagSteps = 5;

        static readonly double[] UpperRows =
        {
            0.128, 0.1275, 0.126, 0.1235, 0.119, 0.112, 0.103, 0.093, 0.083, 0.073, 0.065, 0.058, 0.052, 0.046, 0.041, 0.036, 0.031, 0.026, 0.021,
            0.016, 0.011, 0.006, 0.001, -0.004, -0.009, -0.014, -0.018, -0.022, -0.026, -0.030, -0.033, -0.036, -0.039, -0.042, -0.045, -0.049,
            -0.053, -0.0560, -0.0585, -0.0608, -0.0630, -0.0650, -0.0667, -0.0680,
        };

        static readonly double[] LowerRows =
        {
            -0.0680, -0.0693, -0.0710, -0.0730, -0.0752, -0.0775, -0.0800, -0.083, -0.086, -0.090, -0.094, -0.098, -0.102, -0.106, -0.110, -0.113,
            -0.116, -0.118, -0.120, -0.1225, -0.125, -0.129, -0.135, -0.143, -0.155, -0.170, -0.185,
        };

        public readonly List<HeadVertex> Vertices = new List<HeadVertex>(8192);
        public readonly List<int> Triangles = new List<int>(49152);
        readonly double[] _angles = Angles();
        int _weld;

        /// <summary>Vertices of the red edges of the lips, from the own left corner to the right one: the upper and the lower lip's.</summary>
        public readonly List<int> UpperEdge = new List<int>(), LowerEdge = new List<int>();

        public HeadParts()
        {
            Skin();
            Ears();
            for (int side = -1; side <= 1; side += 2)
            {
                Eye(side);
                Lid(side, HeadPart.UpperLid);
                Lid(side, HeadPart.LowerLid);
                Brow(side);
            }
            Teeth(HeadPart.UpperTeeth);
            Teeth(HeadPart.LowerTeeth);
            Tongue();
        }

        static double[] Angles()
        {
            List<double> half = new List<double>();
            for (int at = 1; at <= LipColumns; at++) half.Add(HeadForm.Corner * Math.Sin(at * Math.PI / 2 / LipColumns));
            for (int at = 1; at <= SideColumns; at++) half.Add(HeadForm.Corner + (1.75 - HeadForm.Corner) * Math.Pow(at / (double)SideColumns, 1.25));
            for (int at = 1; at <= BackColumns; at++) half.Add(1.75 + (Math.PI - 1.75) * at / BackColumns);
            List<double> all = new List<double>();
            for (int at = half.Count - 1; at >= 0; at--) all.Add(-half[at]);
            all.Add(0);
            all.AddRange(half);
            return all.ToArray();
        }

        static bool InMouth(double angle) => Math.Abs(angle) < HeadForm.Corner + 1e-9;

        // -------------------------------------------------------------------------------------------------- skin

        void Skin()
        {
            int[,] upper = Sheet(HeadPart.Upper, UpperRows), lower = Sheet(HeadPart.Lower, LowerRows);
            int columns = _angles.Length, edge = UpperRows.Length - 1;
            for (int column = 0; column < columns; column++)
            {
                // Outside of the mouth the sheets are one skin.
                if (Math.Abs(_angles[column]) > HeadForm.Corner - 1e-9) Share(upper[edge, column], lower[0, column]);
                if (!InMouth(_angles[column])) continue;
                UpperEdge.Add(upper[edge, column]);
                LowerEdge.Add(lower[0, column]);
            }
            Bag(Inside(HeadPart.Upper, UpperEdge), Inside(HeadPart.Lower, LowerEdge));
        }

        int[,] Sheet(HeadPart part, double[] rows)
        {
            int columns = _angles.Length;
            int[,] sheet = new int[rows.Length, columns];
            int pole = _weld++;
            for (int row = 0; row < rows.Length; row++)
            {
                int seam = _weld++;
                for (int column = 0; column < columns; column++)
                {
                    HeadVertex vertex = OnSkin(part, _angles[column], rows[row]);
                    if (part == HeadPart.Upper && row == 0) vertex.Weld = pole;
                    else if (column == 0 || column == columns - 1) vertex.Weld = seam;
                    sheet[row, column] = Add(vertex);
                }
            }
            Weave(sheet, true);
            return sheet;
        }

        HeadVertex OnSkin(HeadPart part, double angle, double height) => new HeadVertex
        {
            Part = part, Rest = HeadForm.Skin(angle, height), Angle = angle, Row = height, Side = Math.Sign(angle), Weld = _weld++,
            U = HeadPaint.U(angle), V = HeadPaint.V(height),
        };

        // The lips turn inwards; both ends of the mouth stay on the corner.
        int[][] Inside(HeadPart part, List<int> edge)
        {
            int[][] rows = { edge.ToArray(), new int[edge.Count], new int[edge.Count] };
            double up = part == HeadPart.Upper ? 1 : -1;
            for (int depth = 1; depth <= 2; depth++)
                for (int column = 0; column < edge.Count; column++)
                {
                    HeadVertex vertex = Vertices[edge[column]];
                    double open = Math.Sqrt(Math.Max(0, 1 - Math.Pow(vertex.Angle / HeadForm.Corner, 2)));
                    vertex.Rest += new Point3(0, up * (depth == 1 ? 0.0012 : 0.0048) * open, -(depth == 1 ? 0.0042 : 0.0075) * open);
                    vertex.Across = depth;
                    vertex.Weld = _weld++;
                    rows[depth][column] = Add(vertex);
                }
            for (int depth = 0; depth < 2; depth++)
                for (int column = 0; column + 1 < edge.Count; column++)
                    if (part == HeadPart.Upper) Quad(rows[depth][column], rows[depth + 1][column], rows[depth + 1][column + 1], rows[depth][column + 1]);
                    else Quad(rows[depth + 1][column], rows[depth][column], rows[depth][column + 1], rows[depth + 1][column + 1]);
            return rows;
        }

        void Bag(int[][] upper, int[][] lower)
        {
            int width = upper[0].Length;
            int[,] sheet = new int[BagSteps + 1, width];
            for (int step = 0; step <= BagSteps; step++)
                for (int column = 0; column < width; column++)
                {
                    double share = step / (double)BagSteps, side = 1 - Math.Pow(column * 2.0 / (width - 1) - 1, 2);
                    Point3 above = Vertices[upper[2][column]].Rest, below = Vertices[lower[2][column]].Rest;
                    double deep = Math.Sin(share * Math.PI) * side;
                    Point3 rest = above * (1 - share) + below * share + new Point3(0, Math.Cos(share * Math.PI) * 0.010 * deep, -0.050 * deep);
                    sheet[step, column] = Add(new HeadVertex
                    {
                        Part = HeadPart.Bag, Rest = rest, Row = share, Above = upper[2][column], Below = lower[2][column], Weld = _weld++,
                        U = HeadPaint.Cell(HeadPaint.Throat), V = HeadPaint.CellV((float)(0.1 + 0.8 * (1 - deep))),
                    });
                }
            Weave(sheet, true);
        }

        void Ears()
        {
            for (int side = -1; side <= 1; side += 2)
            {
                Point3 middle = new Point3(side * 0.0765, -0.006, -0.014);
                Ball(8, 12, (down, around) =>
                {
                    double angle = around * 2 * Math.PI, polar = down * Math.PI;
                    double x = Math.Cos(polar) * 0.0055, y = Math.Sin(polar) * Math.Sin(angle) * 0.030, z = Math.Sin(polar) * Math.Cos(angle) * 0.0165;
                    // Wider above, hollow outside, standing off behind.
                    z *= 1 + 0.25 * y / 0.030;
                    x = side * (x * (down < 0.25 ? 0.4 : 1) + Curve.Clamp(-z / 0.016) * 0.007);
                    return new HeadVertex
                    {
                        Part = HeadPart.Ear, Side = side, Rest = middle + new Point3(x, y, z - 0.2 * y), U = HeadPaint.Cell(HeadPaint.Skin), V = HeadPaint.CellV((float)(0.5 + 0.4 * Math.Cos(polar))),
                    };
                }, side > 0);
            }
        }

        // -------------------------------------------------------------------------------------------------- eyes

        static Point3 EyeMiddle(int side) => new Point3(side * HeadForm.EyeX, HeadForm.EyeY, HeadForm.EyeZ);

        void Eye(int side)
        {
            Point3 middle = EyeMiddle(side);
            Ball(12, 20, (down, around) =>
            {
                double polar = down * Math.PI, angle = around * 2 * Math.PI;
                double x = Math.Sin(polar) * Math.Cos(angle), y = Math.Sin(polar) * Math.Sin(angle), z = Math.Cos(polar);
                (float u, float v) = HeadPaint.Eye(x, y, z);
                double radius = HeadForm.EyeRadius * (1 + 0.035 * Curve.Bell(polar, 0.42)); // the cornea
                return new HeadVertex { Part = HeadPart.Eye, Side = side, Rest = middle + new Point3(x, y, z) * radius, U = u, V = v };
            }, true);
        }

        /// <summary>Elevation of a lid's rim at rest, rad.</summary>
        public static double Rim(HeadPart part) => part == HeadPart.UpperLid ? 0.46 : -0.50;

        void Lid(int side, HeadPart part)
        {
            const int columns = 12, rows = 6;
            bool upper = part == HeadPart.UpperLid;
            int[,] sheet = new int[rows + 2, columns + 1];
            for (int row = 0; row <= rows + 1; row++)
                for (int column = 0; column <= columns; column++)
                {
                    // The last row is the rim's thickness, towards the eye.
                    double across = column * 2.0 / columns - 1, share = Math.Min(1, row / (double)rows);
                    double elevation = Curve.Mix(upper ? 1.75 : -1.75, Rim(part), share);
                    sheet[row, column] = Add(new HeadVertex
                    {
                        Part = part, Side = side, Angle = elevation, Row = share, Across = across, Rest = OnLid(side, across, elevation, row > rows), Weld = _weld++,
                        U = HeadPaint.Cell(row > rows ? HeadPaint.Lash : HeadPaint.Lid), V = HeadPaint.CellV((float)(0.1 + 0.8 * share)),
                    });
                }
            Weave(sheet, upper);
        }

        /// <summary>A point of a lid: across the eye, at an elevation about its middle.</summary>
        public static Point3 OnLid(int side, double across, double elevation, bool inner)
        {
            double azimuth = across * 1.30, radius = HeadForm.EyeRadius * (inner ? 1.045 : 1.13);
            double flat = Math.Cos(azimuth);
            return EyeMiddle(side) + new Point3(Math.Sin(azimuth) * radius * 1.03, Math.Sin(elevation) * flat * radius, Math.Cos(elevation) * flat * radius);
        }

        void Brow(int side)
        {
            const int length = 10, ring = 6;
            int[,] sheet = new int[length + 1, ring + 1];
            for (int at = 0; at <= length; at++)
            {
                double along = at / (double)length, x = Curve.Mix(0.0125, 0.0545, along);
                double y = 0.0350 + 0.0052 * Math.Sin(Math.Pow(along, 1.3) * Math.PI * 0.86) - 0.0015 * along, thick = 0.0030 * Math.Pow(1 - along, 0.35) * (0.55 + 0.45 * Curve.Smooth(0, 0.12, along)) + 0.0004;
                Point3 skin = HeadForm.Skin(side * AngleOf(x, y), y);
                for (int turn = 0; turn <= ring; turn++)
                {
                    double around = turn * 2 * Math.PI / ring;
                    sheet[at, turn] = Add(new HeadVertex
                    {
                        Part = HeadPart.Brow, Side = side, Row = along, Weld = _weld++,
                        Rest = new Point3(side * x, y + Math.Sin(around) * thick, skin.Z + 0.0008 + Math.Cos(around) * thick * 0.62),
                        U = HeadPaint.Cell(HeadPaint.Hair), V = HeadPaint.CellV(0.5f),
                    });
                    if (turn == ring) Share(sheet[at, 0], sheet[at, ring]);
                }
            }
            Weave(sheet, side > 0);
        }

        // The angle at which the skin is x off the middle.
        static double AngleOf(double x, double height)
        {
            double low = 0, high = 1.5;
            for (int step = 0; step < 40; step++)
            {
                double middle = (low + high) / 2;
                if (HeadForm.Skin(middle, height).X < x) low = middle;
                else high = middle;
            }
            return low;
        }

        // -------------------------------------------------------------------------------------------------- mouth

        void Teeth(HeadPart part)
        {
            const int columns = 28;
            bool upper = part == HeadPart.UpperTeeth;
            double from = upper ? 0.0100 : -0.0030, to = upper ? -0.0005 : -0.0125, front = HeadForm.Skin(0, HeadForm.Mouth).Z - (upper ? 0.0088 : 0.0108);
            int[,] sheet = new int[4, columns + 1];
            for (int row = 0; row < 4; row++)
                for (int column = 0; column <= columns; column++)
                {
                    double angle = (column * 2.0 / columns - 1) * 1.35, inner = row == (upper ? 3 : 0) ? 0.0035 : 0;
                    // A tooth is a little rounder than the gap beside it.
                    double bulge = column % 2 == 0 ? 0 : 0.0004, radius = 0.0215 - inner + bulge;
                    double y = HeadForm.Mouth + Curve.Mix(from, to, Math.Min(1, upper ? row / 2.0 : Math.Max(0, row - 1) / 2.0));
                    sheet[row, column] = Add(new HeadVertex
                    {
                        Part = part, Weld = _weld++, Rest = new Point3(Math.Sin(angle) * radius, y, front - 0.0300 + Math.Cos(angle) * radius * 1.4),
                        U = HeadPaint.Cell(HeadPaint.Tooth), V = HeadPaint.CellV(row == (upper ? 0 : 3) ? 0.15f : 0.9f),
                    });
                }
            Weave(sheet, true);
        }

        void Tongue()
        {
            Point3 middle = new Point3(0, HeadForm.Mouth - 0.0085, HeadForm.Skin(0, HeadForm.Mouth).Z - 0.0370);
            Ball(12, 16, (down, around) =>
            {
                double polar = down * Math.PI, angle = around * 2 * Math.PI;
                double x = Math.Sin(polar) * Math.Cos(angle) * 0.0155, y = Math.Sin(polar) * Math.Sin(angle) * 0.0052, z = Math.Cos(polar) * 0.0245;
                return new HeadVertex
                {
                    Part = HeadPart.Tongue, Rest = middle + new Point3(x, y - 0.0015 * Curve.Bell(x, 0.004) * (y > 0 ? 1 : 0), z), Row = Curve.Smooth(-0.0245, 0.0245, z),
                    U = HeadPaint.Cell(HeadPaint.Tongue), V = HeadPaint.CellV((float)(0.5 + 0.4 * Math.Sin(angle) * Math.Sin(polar))),
                };
            }, true);
        }

        // -------------------------------------------------------------------------------------------------- grids

        int Add(in HeadVertex vertex)
        {
            Vertices.Add(vertex);
            return Vertices.Count - 1;
        }

        void Share(int one, int other)
        {
            HeadVertex vertex = Vertices[other];
            vertex.Weld = Vertices[one].Weld;
            Vertices[other] = vertex;
        }

        void Quad(int a, int b, int c, int d)
        {
            // Unity's front faces are clockwise.
            Triangles.Add(a);
            Triangles.Add(b);
            Triangles.Add(c);
            Triangles.Add(a);
            Triangles.Add(c);
            Triangles.Add(d);
        }

        void Weave(int[,] sheet, bool flip = false)
        {
            for (int row = 0; row + 1 < sheet.GetLength(0); row++)
                for (int column = 0; column + 1 < sheet.GetLength(1); column++)
                    if (flip) Quad(sheet[row, column], sheet[row + 1, column], sheet[row + 1, column + 1], sheet[row, column + 1]);
                    else Quad(sheet[row, column], sheet[row, column + 1], sheet[row + 1, column + 1], sheet[row + 1, column]);
        }

        void Ball(int rows, int columns, Func<double, double, HeadVertex> at, bool flip)
        {
            int[,] sheet = new int[rows + 1, columns + 1];
            for (int row = 0; row <= rows; row++)
                for (int column = 0; column <= columns; column++)
                {
                    HeadVertex vertex = at(row / (double)rows, column / (double)columns);
                    vertex.Weld = _weld++;
                    sheet[row, column] = Add(vertex);
                    if (column == columns) Share(sheet[row, 0], sheet[row, column]);
                    if (column > 0 && (row == 0 || row == rows)) Share(sheet[row, 0], sheet[row, column]);
                }
            Weave(sheet, flip);
        }
    }
}
