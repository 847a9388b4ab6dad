#nullable enable
using System;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// The skin at rest as a function: angle around the head and height give a point. The mouth is a slit at one height, from
    /// <see cref="Corner"/> to the same angle on the other side.
    /// </summary>
    internal static class HeadForm
    {
        public const double Top = 0.128, Mouth = -0.068, Bottom = -0.185;

        /// <summary>Angle of the mouth's corners, rad.</summary>
        public const double Corner = 0.44;

        public const double EyeX = 0.0315, EyeY = 0.012, EyeZ = 0.0690, EyeRadius = 0.0142;

        /// <summary>Where the jaw hangs, and how far it opens at weight 1, rad.</summary>
        public static readonly Point3 Hinge = new Point3(0, -0.008, -0.005);
        public const double JawOpen = 0.27;

        // Height, half width, front, back.
        static readonly double[][] Sections =
        {
            new[] { 0.128, 0.000, -0.012, -0.012 },
            new[] { 0.1265, 0.020, 0.010, -0.034 },
            new[] { 0.122, 0.034, 0.028, -0.054 },
            new[] { 0.112, 0.051, 0.049, -0.076 },
            new[] { 0.096, 0.064, 0.067, -0.092 },
            new[] { 0.072, 0.0725, 0.081, -0.103 },
            new[] { 0.040, 0.0755, 0.0885, -0.107 },
            new[] { 0.010, 0.0745, 0.0880, -0.104 },
            new[] { -0.020, 0.0710, 0.0865, -0.094 },
            new[] { -0.045, 0.0665, 0.0865, -0.080 },
            new[] { -0.068, 0.0605, 0.0865, -0.067 },
            new[] { -0.085, 0.0540, 0.0835, -0.060 },
            new[] { -0.100, 0.0465, 0.0790, -0.056 },
            new[] { -0.110, 0.0415, 0.0700, -0.054 },
            new[] { -0.116, 0.0400, 0.0560, -0.053 },
            new[] { -0.120, 0.0400, 0.0400, -0.053 },
            new[] { -0.125, 0.0405, 0.0270, -0.053 },
            new[] { -0.135, 0.0415, 0.0180, -0.053 },
            new[] { -0.150, 0.0425, 0.0150, -0.054 },
            new[] { -0.185, 0.0460, 0.0170, -0.058 },
        };

        /// <summary>How much of a point faces forward, 0 at the sides.</summary>
        static double Front(double angle) => Curve.Smooth(1.5, 0.9, Math.Abs(angle));

        public static Point3 Skin(double angle, double height)
        {
            double half = Curve.Table(Sections, 1, height), front = Curve.Table(Sections, 2, height), back = Curve.Table(Sections, 3, height);
            double middle = Curve.Mix(front, back, 0.52), sin = Math.Sin(angle), cos = Math.Cos(angle);
            double x = half * Curve.Power(sin, 0.88);
            double z = middle + (cos > 0 ? (front - middle) * Math.Pow(cos, 0.80) : (middle - back) * Curve.Power(cos, 0.9));
            double hair = Hair(angle, height) * 0.006;
            return new Point3(x + sin * hair, height + hair * Curve.Smooth(0.06, 0.12, height), z + cos * hair + Features(x, height, angle) * Front(angle));
        }

        /// <summary>1 where hair grows, 0 on the skin.</summary>
        public static double Hair(double angle, double height)
        {
            double side = Math.Abs(angle);
            double line = Curve.Mix(0.078, 0.052, Curve.Smooth(0.2, 0.9, side));
            line = Curve.Mix(line, 0.010, Curve.Smooth(0.95, 1.25, side));
            line = Curve.Mix(line, -0.075, Curve.Smooth(1.45, 2.1, side));
            return Curve.Smooth(line - 0.003, line + 0.003, height);
        }

        // What stands out of the face and what lies in it, m along z.
        static double Features(double x, double y, double angle)
        {
            double off = Math.Abs(x), all = 0;
            double ridge = Curve.Table(Nose, 1, y), width = Curve.Table(Nose, 2, y);
            all += ridge * Curve.Bell(x, width);
            all += 0.0075 * Curve.Bell(off - 0.0125, 0.0060) * Curve.Bell(y + 0.0335, 0.0065);
            all -= 0.0150 * Curve.Bell(off - EyeX, 0.0195) * Curve.Bell(y - EyeY, 0.0140);
            all += 0.0040 * Curve.Bell(off - 0.028, 0.026) * Curve.Bell(y - 0.036, 0.0085);
            all += 0.0050 * Curve.Bell(off - 0.040, 0.020) * Curve.Bell(y + 0.022, 0.018);
            all -= 0.0035 * Curve.Bell(off - 0.048, 0.012) * Curve.Bell(y + 0.055, 0.020);
            double lips = Curve.Clamp(1 - Math.Pow(Math.Abs(angle) / (Corner * 1.12), 2.2));
            all += 0.0058 * lips * Curve.Bell(y - Mouth - 0.0045, 0.0058);
            all += 0.0068 * Math.Pow(lips, 1.3) * Curve.Bell(y - Mouth + 0.0060, 0.0062);
            all -= 0.0032 * lips * Curve.Bell(y - Mouth, 0.0022);
            all -= 0.0016 * Curve.Bell(x, 0.0045) * Curve.Bell(y - Mouth - 0.0150, 0.0060);
            all -= 0.0030 * Curve.Bell(x, 0.020) * Curve.Bell(y - Mouth + 0.0190, 0.0060);
            all += 0.0055 * Curve.Bell(x, 0.017) * Curve.Bell(y + 0.1000, 0.0110);
            return all;
        }

        // Height, how far the nose stands out, its width.
        static readonly double[][] Nose =
        {
            new[] { 0.040, 0.000, 0.0110 },
            new[] { 0.026, 0.002, 0.0095 },
            new[] { 0.012, 0.006, 0.0090 },
            new[] { -0.004, 0.012, 0.0092 },
            new[] { -0.018, 0.0190, 0.0100 },
            new[] { -0.0285, 0.0245, 0.0112 },
            new[] { -0.0345, 0.0215, 0.0112 },
            new[] { -0.0390, 0.0100, 0.0105 },
            new[] { -0.0430, 0.0015, 0.0100 },
            new[] { -0.0500, 0.000, 0.0100 },
        };

        /// <summary>Fullness of the red of the lips at a place between the middle (0) and the corner (1): upper, lower, m.</summary>
        public static double Red(bool upper, double along)
        {
            double side = Math.Abs(along);
            if (side >= 1) return 0;
            return upper ? 0.0088 * Math.Pow(1 - side, 0.62) * (1 - 0.16 * Curve.Bell(side, 0.12)) : 0.0112 * Math.Pow(1 - side * side, 0.7);
        }
    }
}
