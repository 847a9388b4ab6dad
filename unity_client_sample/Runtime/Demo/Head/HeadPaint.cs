#nullable enable
using System;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// The head's one texture, and where each part finds its colour in it: the skin fills the upper three quarters, more of it
    /// for the front; in the lowest quarter lie the eye and flat colours.
    /// </summary>
    public static class HeadPaint
    {
        internal const int Throat = 0, Tongue = 1, Tooth = 2, Skin = 3, Lid = 4, Lash = 5, Hair = 6;

        const double SkinBottom = 0.25, Spread = 0.6, EyeHalf = 0.118;

        static readonly Point3 SkinColour = new Point3(0.86, 0.66, 0.55), LipColour = new Point3(0.72, 0.36, 0.34), HairColour = new Point3(0.16, 0.11, 0.09), Blush = new Point3(0.84, 0.50, 0.44);

        static readonly Point3[] Cells =
        {
            new Point3(0.20, 0.05, 0.06), new Point3(0.74, 0.36, 0.37), new Point3(0.95, 0.93, 0.88), SkinColour, new Point3(0.80, 0.58, 0.48), new Point3(0.10, 0.07, 0.06), HairColour,
        };

        internal static float U(double angle) => (float)(0.5 + 0.5 * Math.Sign(angle) * Math.Pow(Math.Abs(angle) / Math.PI, Spread));

        internal static float V(double height) => (float)(SkinBottom + 0.005 + (0.99 - SkinBottom) * (height - HeadForm.Bottom) / (HeadForm.Top - HeadForm.Bottom));

        internal static float Cell(int cell) => 0.30f + 0.1f * cell;

        internal static float CellV(float share) => 0.02f + 0.21f * share;

        /// <summary>Where a direction from the eye's middle finds its colour; the back of the eye is white.</summary>
        internal static (float u, float v) Eye(double x, double y, double z)
        {
            double length = Math.Sqrt(x * x + y * y), out_ = z >= 0 || length < 1e-9 ? 1 : 1 / length;
            return ((float)(0.125 + x * out_ * EyeHalf), (float)(0.125 + y * out_ * EyeHalf));
        }

        /// <summary>RGBA, 8 bits each, rows from the bottom, <paramref name="size"/> by <paramref name="size"/>.</summary>
        public static byte[] Paint(int size)
        {
            byte[] pixels = new byte[size * size * 4];
            for (int row = 0; row < size; row++)
                for (int column = 0; column < size; column++)
                {
                    double u = (column + 0.5) / size, v = (row + 0.5) / size;
                    Point3 colour = v >= SkinBottom ? OnSkin(u, v) : u < 0.25 ? OnEye(u, v) : OnCell(u, v);
                    int at = (row * size + column) * 4;
                    pixels[at] = Octet(colour.X);
                    pixels[at + 1] = Octet(colour.Y);
                    pixels[at + 2] = Octet(colour.Z);
                    pixels[at + 3] = 255;
                }
            return pixels;
        }

        static byte Octet(float value) => (byte)Math.Round(255 * Curve.Clamp(value));

        static Point3 Mix(Point3 a, Point3 b, double share) => a * (1 - share) + b * share;

        static Point3 OnSkin(double u, double v)
        {
            double side = (u - 0.5) * 2, angle = Math.Sign(side) * Math.Pow(Math.Abs(side), 1 / Spread) * Math.PI;
            double height = HeadForm.Bottom + (v - SkinBottom - 0.005) / (0.99 - SkinBottom) * (HeadForm.Top - HeadForm.Bottom);
            double off = Math.Abs(angle), fromMouth = height - HeadForm.Mouth;
            Point3 colour = SkinColour;
            colour = Mix(colour, Blush, 0.45 * Curve.Bell(off - 0.55, 0.22) * Curve.Bell(height + 0.028, 0.018));
            colour = Mix(colour, Blush, 0.30 * Curve.Bell(off, 0.13) * Curve.Bell(height + 0.030, 0.010));
            colour = Mix(colour, Cells[Lid], 0.8 * Curve.Bell(off - 0.37, 0.20) * Curve.Bell(height - HeadForm.EyeY - 0.002, 0.013));
            colour = Mix(colour, Cells[Throat], 0.75 * Curve.Smooth(1.25, 0.75, Math.Pow((off - 0.085) / 0.040, 2) + Math.Pow((height + 0.0405) / 0.0022, 2)));
            colour = Mix(colour, SkinColour * 0.86, 0.6 * Curve.Smooth(-0.112, -0.122, height));
            if (off < HeadForm.Corner * 1.06)
            {
                double red = HeadForm.Red(fromMouth >= 0, angle / HeadForm.Corner);
                colour = Mix(colour, LipColour, Curve.Smooth(red + 0.0007, red - 0.0007, Math.Abs(fromMouth)) * Curve.Smooth(HeadForm.Corner * 1.03, HeadForm.Corner * 0.97, off));
                colour = Mix(colour, Cells[Throat], 0.75 * Curve.Bell(fromMouth, 0.0009));
            }
            return Mix(colour, HairColour, HeadForm.Hair(angle, height));
        }

        static Point3 OnEye(double u, double v)
        {
            double x = (u - 0.125) / EyeHalf, y = (v - 0.125) / EyeHalf, radius = Math.Sqrt(x * x + y * y);
            Point3 white = new Point3(0.95, 0.95, 0.94), iris = Mix(new Point3(0.36, 0.55, 0.62), new Point3(0.14, 0.28, 0.36), Curve.Smooth(0.24, 0.50, radius));
            Point3 colour = Mix(white, new Point3(0.90, 0.78, 0.75), Curve.Smooth(0.75, 1, radius));
            colour = Mix(colour, iris, Curve.Smooth(0.52, 0.48, radius));
            colour = Mix(colour, new Point3(0.03, 0.03, 0.04), Curve.Smooth(0.25, 0.21, radius));
            return Mix(colour, new Point3(1, 1, 1), 0.9 * Curve.Smooth(0.11, 0.07, Math.Sqrt(Math.Pow(x - 0.16, 2) + Math.Pow(y - 0.18, 2))));
        }

        static Point3 OnCell(double u, double v)
        {
            int cell = Math.Min(Cells.Length - 1, Math.Max(0, (int)((u - 0.25) / 0.1)));
            double along = (v - 0.02) / 0.21;
            double shade = cell == Throat ? 0.35 + 0.65 * along : cell == Tooth ? 0.80 + 0.20 * along : cell == Lid ? 1 - 0.55 * Curve.Smooth(0.80, 0.92, along) : 0.9 + 0.1 * along;
            return Cells[cell] * shade;
        }
    }
}
