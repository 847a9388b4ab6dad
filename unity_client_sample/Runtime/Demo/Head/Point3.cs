#nullable enable
using System;

namespace CompanionBridge.Demo
{
    /// <summary>A point or a direction: metres, +x to the head's own right, +y up, +z out of the face.</summary>
    public readonly struct Point3
    {
        public readonly float X, Y, Z;

        public Point3(double x, double y, double z)
        {
            X = (float)x;
            Y = (float)y;
            Z = (float)z;
        }

        public double Length => Math.Sqrt((double)X * X + (double)Y * Y + (double)Z * Z);

        public static Point3 operator +(Point3 a, Point3 b) => new Point3(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
        public static Point3 operator -(Point3 a, Point3 b) => new Point3(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        public static Point3 operator *(Point3 a, double factor) => new Point3(a.X * factor, a.Y * factor, a.Z * factor);

        public static Point3 Cross(Point3 a, Point3 b) => new Point3(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

        /// <summary>Turned about the x axis through <paramref name="pivot"/>: the front goes down for positive angles.</summary>
        public Point3 Nodded(Point3 pivot, double angle)
        {
            double y = Y - pivot.Y, z = Z - pivot.Z, cos = Math.Cos(angle), sin = Math.Sin(angle);
            return new Point3(X, pivot.Y + y * cos - z * sin, pivot.Z + y * sin + z * cos);
        }

        /// <summary>Turned about the y axis through <paramref name="pivot"/>: the front goes to the own right for positive angles.</summary>
        public Point3 Turned(Point3 pivot, double angle)
        {
            double x = X - pivot.X, z = Z - pivot.Z, cos = Math.Cos(angle), sin = Math.Sin(angle);
            return new Point3(pivot.X + x * cos + z * sin, Y, pivot.Z + z * cos - x * sin);
        }
    }

    /// <summary>The few curves that the head is made of.</summary>
    internal static class Curve
    {
        public static double Clamp(double value) => value < 0 ? 0 : value > 1 ? 1 : value;

        public static double Mix(double a, double b, double share) => a + (b - a) * share;

        /// <summary>0 at <paramref name="from"/>, 1 at <paramref name="to"/>, level at both.</summary>
        public static double Smooth(double from, double to, double value)
        {
            double share = Clamp((value - from) / (to - from));
            return share * share * (3 - 2 * share);
        }

        public static double Bell(double distance, double width) => Math.Exp(-(distance * distance) / (width * width));

        public static double Power(double value, double exponent) => Math.Sign(value) * Math.Pow(Math.Abs(value), exponent);

        /// <summary>
        /// A column of a table at a key, by cubic Hermite with the slopes of neighbours (Catmull-Rom). Rows are ordered by a
        /// falling key in column 0.
        /// </summary>
        public static double Table(double[][] rows, int column, double key)
        {
            int last = rows.Length - 1;
            if (key >= rows[0][0]) return rows[0][column];
            if (key <= rows[last][0]) return rows[last][column];
            int at = 0;
            while (rows[at + 1][0] > key) at++;
            double step = rows[at + 1][0] - rows[at][0], share = (key - rows[at][0]) / step;
            double into = Slope(rows, column, at) * step, outOf = Slope(rows, column, at + 1) * step;
            double square = share * share, cube = square * share;
            return (2 * cube - 3 * square + 1) * rows[at][column] + (cube - 2 * square + share) * into + (3 * square - 2 * cube) * rows[at + 1][column] + (cube - square) * outOf;
        }

        static double Slope(double[][] rows, int column, int at)
        {
            int before = Math.Max(0, at - 1), after = Math.Min(rows.Length - 1, at + 1);
            return (rows[after][column] - rows[before][column]) / (rows[after][0] - rows[before][0]);
        }
    }
}
