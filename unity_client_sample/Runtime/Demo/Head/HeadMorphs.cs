#nullable enable
using System;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// What each of ARKit's 52 shapes does to a vertex at weight 1. Shapes are linear, as blend shapes are: equal weights of
    /// jawOpen and mouthClose bring the lips together at any opening.
    /// </summary>
    internal static class HeadMorphs
    {
        const double UpperShare = 0.35; // of the way that the upper lip comes down for mouthClose
        static readonly double CornerX = Math.Abs(HeadForm.Skin(HeadForm.Corner, HeadForm.Mouth).X);

        /// <summary>Where the vertex goes, m.</summary>
        public static Point3 Move(string shape, in HeadVertex vertex)
        {
            bool left = shape.EndsWith("Left", StringComparison.Ordinal), right = shape.EndsWith("Right", StringComparison.Ordinal);
            int side = left ? -1 : right ? 1 : 0;
            switch (vertex.Part)
            {
                case HeadPart.Eye: return side == vertex.Side ? Eye(shape, vertex) : default;
                case HeadPart.UpperLid: case HeadPart.LowerLid: return side == vertex.Side ? Lid(shape, vertex) : default;
                case HeadPart.Brow: return side == 0 || side == vertex.Side ? Brow(shape, vertex.Row, vertex.Side, vertex.Rest) : default;
                case HeadPart.LowerTeeth: return Jaw(shape, vertex.Rest, 1);
                case HeadPart.Tongue: return Jaw(shape, vertex.Rest, 0.94) + (shape == "tongueOut" ? new Point3(0, 0.0045 - 0.007 * vertex.Row, 0.046) * vertex.Row : default);
                case HeadPart.Upper: case HeadPart.Lower: return OnSkin(shape, side, vertex);
                default: return default;
            }
        }

        // -------------------------------------------------------------------------------------------------- eyes and brows

        static Point3 Eye(string shape, in HeadVertex vertex)
        {
            Point3 middle = new Point3(vertex.Side * HeadForm.EyeX, HeadForm.EyeY, HeadForm.EyeZ);
            double inward = -vertex.Side * 0.52; // 30 degrees, as the eyes' channels are used
            if (shape.StartsWith("eyeLookDown", StringComparison.Ordinal)) return vertex.Rest.Nodded(middle, 0.42) - vertex.Rest;
            if (shape.StartsWith("eyeLookUp", StringComparison.Ordinal)) return vertex.Rest.Nodded(middle, -0.42) - vertex.Rest;
            if (shape.StartsWith("eyeLookIn", StringComparison.Ordinal)) return vertex.Rest.Turned(middle, inward) - vertex.Rest;
            if (shape.StartsWith("eyeLookOut", StringComparison.Ordinal)) return vertex.Rest.Turned(middle, -inward) - vertex.Rest;
            return default;
        }

        static Point3 Lid(string shape, in HeadVertex vertex)
        {
            bool upper = vertex.Part == HeadPart.UpperLid;
            const double meet = -0.26;
            double rim = HeadParts.Rim(vertex.Part), turn = 0;
            if (shape.StartsWith("eyeBlink", StringComparison.Ordinal)) turn = upper ? meet - 0.03 - rim : meet - rim;
            else if (shape.StartsWith("eyeSquint", StringComparison.Ordinal)) turn = upper ? -0.14 : 0.20;
            else if (shape.StartsWith("eyeWide", StringComparison.Ordinal)) turn = upper ? 0.24 : -0.06;
            else if (shape.StartsWith("eyeLookDown", StringComparison.Ordinal)) turn = upper ? -0.26 : -0.08;
            else if (shape.StartsWith("eyeLookUp", StringComparison.Ordinal)) turn = upper ? 0.20 : 0.06;
            else if (shape.StartsWith("cheekSquint", StringComparison.Ordinal)) turn = upper ? 0 : 0.10;
            if (turn == 0) return default;
            double radius = vertex.Across, share = vertex.Row;
            Point3 to = HeadParts.OnLid(vertex.Side, radius, vertex.Angle + turn * share, false), from = HeadParts.OnLid(vertex.Side, radius, vertex.Angle, false);
            // On the way a straight line cuts the ball: the lid goes a little further out.
            return to - from + new Point3(0, 0, 0.0009 * share * Math.Min(1, Math.Abs(turn)));
        }

        static Point3 Brow(string shape, double along, int side, Point3 at)
        {
            double inner = Curve.Smooth(0.62, 0, along), outer = Curve.Smooth(0.25, 0.85, along);
            switch (shape)
            {
                case "browDownLeft": case "browDownRight": return new Point3(-side * 0.0035 * inner, -0.0085 * (0.45 + 0.55 * inner), 0.0012 * inner);
                case "browInnerUp": return new Point3(-side * 0.0008, 0.0100 * inner, 0);
                case "browOuterUpLeft": case "browOuterUpRight": return new Point3(0, 0.0095 * outer, 0);
                case "noseSneerLeft": case "noseSneerRight": return new Point3(-side * 0.0012, -0.0028, 0) * inner;
                default: return default;
            }
        }

        // -------------------------------------------------------------------------------------------------- jaw

        static Point3 Jaw(string shape, Point3 at, double share)
        {
            switch (shape)
            {
                case "jawOpen": return (at.Nodded(HeadForm.Hinge, HeadForm.JawOpen) - at) * share;
                case "jawForward": return new Point3(0, -0.0008, 0.0100) * share;
                case "jawLeft": return new Point3(-0.0110, 0, 0) * share;
                case "jawRight": return new Point3(0.0110, 0, 0) * share;
                default: return default;
            }
        }

        static double Arch(double angle) => Math.Pow(Math.Max(0, 1 - Math.Pow(angle / HeadForm.Corner, 2)), 0.75);

        /// <summary>How much the skin goes with the jaw; both lips alike at the corners and outside of them.</summary>
        static double WithJaw(in HeadVertex vertex)
        {
            double off = Math.Abs(vertex.Angle), arch = Arch(vertex.Angle), below = HeadForm.Mouth - vertex.Row;
            double corner = 0.40 * Curve.Smooth(1.45, HeadForm.Corner, off);
            if (vertex.Part == HeadPart.Upper) return Curve.Mix(corner, 0, arch) * Curve.Bell(below, 0.024);
            double chin = Curve.Smooth(1.70, 0.80, off), edge = Curve.Mix(corner, 1, arch);
            double neck = Curve.Smooth(-0.150, -0.112, vertex.Row);
            return Curve.Mix(edge, chin, Curve.Smooth(0, 0.034, below)) * neck;
        }

        /// <summary>How the lips part at weight 1 of jawOpen, at a place of the slit.</summary>
        static Point3 Gap(double angle)
        {
            double arch = Arch(angle);
            Point3 edge = HeadForm.Skin(angle, HeadForm.Mouth);
            double corner = 0.40;
            return Jaw("jawOpen", edge, Curve.Mix(corner, 1, arch) - Curve.Mix(corner, 0, arch));
        }

        // -------------------------------------------------------------------------------------------------- skin

        static Point3 OnSkin(string shape, int side, in HeadVertex vertex)
        {
            Point3 jaw = shape.StartsWith("jaw", StringComparison.Ordinal) ? Jaw(shape, vertex.Rest, WithJaw(vertex)) : default;
            if (Math.Abs(vertex.Angle) > 1.5) return jaw;
            Point3 at = vertex.Rest;
            double front = Curve.Smooth(1.5, 1.1, Math.Abs(vertex.Angle));
            Point3 move = shape.StartsWith("mouth", StringComparison.Ordinal) ? Mouth(shape, side, vertex) : Upper(shape, side, vertex);
            return jaw + move * front;
        }

        // Half of the face, softly.
        static double Half(double x, int side) => side == 0 ? 1 : Curve.Smooth(-0.007, 0.007, x * side);

        static Point3 Upper(string shape, int side, in HeadVertex vertex)
        {
            Point3 at = vertex.Rest;
            double off = Math.Abs(at.X), half = Half(at.X, side);
            int own = Math.Sign(at.X);
            double along = Curve.Clamp((off - 0.0125) / 0.042);
            double forehead = Curve.Bell(vertex.Row - 0.040, vertex.Row > 0.040 ? 0.022 : 0.011);
            switch (shape)
            {
                case "browDownLeft": case "browDownRight": case "browOuterUpLeft": case "browOuterUpRight":
                    return Brow(shape, along, own, at) * (0.75 * forehead * half);
                case "browInnerUp": return Brow(shape, along, own, at) * (0.75 * forehead);
                case "cheekPuff":
                    double full = Curve.Bell(off - 0.043, 0.019) * Curve.Bell(vertex.Row + 0.058, 0.024);
                    return new Point3(own * 0.0085, 0, 0.0060) * full + new Point3(0, 0, 0.0025) * Curve.Bell(off, 0.022) * Curve.Bell(vertex.Row - HeadForm.Mouth, 0.012);
                case "cheekSquintLeft": case "cheekSquintRight":
                    return new Point3(side * 0.0015, 0.0060, 0.0035) * (Curve.Bell(off - 0.037, 0.018) * Curve.Bell(vertex.Row + 0.014, 0.013) * half);
                case "noseSneerLeft": case "noseSneerRight":
                    Point3 wing = new Point3(side * 0.0012, 0.0052, 0.0012) * (Curve.Bell(off - 0.012, 0.0085) * Curve.Bell(vertex.Row + 0.033, 0.0105));
                    return (wing + new Point3(0, 0.0030, 0) * (Curve.Bell(off - 0.012, 0.010) * Curve.Smooth(HeadForm.Mouth + 0.002, HeadForm.Mouth + 0.014, vertex.Row) * Curve.Bell(vertex.Row + 0.052, 0.012))) * half;
                default: return default;
            }
        }

        static Point3 Mouth(string shape, int side, in HeadVertex vertex)
        {
            bool upper = vertex.Part == HeadPart.Upper;
            Point3 at = vertex.Rest;
            double angle = vertex.Angle, off = Math.Abs(angle), half = Half(at.X, side), arch = Arch(angle), from = vertex.Row - HeadForm.Mouth;
            int own = Math.Sign(at.X);
            double lip = Curve.Bell(from, upper ? 0.0150 : 0.0170), red = Curve.Bell(from, 0.0095);
            // Alike for both lips: about the mouth, about one corner.
            double about = Math.Exp(-Math.Pow(off / (HeadForm.Corner * 1.45), 4)) * Curve.Bell(from, 0.019);
            double corner = Curve.Bell(Math.Abs(at.X) - CornerX, 0.0150) * Curve.Bell(from, 0.0170) * half;
            double wide = Math.Exp(-Math.Pow(off / (HeadForm.Corner * 2.0), 4)) * Curve.Bell(from, 0.026);
            double parts = arch * lip;
            switch (shape)
            {
                case "mouthClose": return Gap(angle) * (upper ? UpperShare * lip : -(1 - UpperShare) * lip);
                case "mouthFunnel":
                    return new Point3(-at.X * 0.30, 0, 0.0105) * about + new Point3(0, upper ? 0.0050 : -0.0062, 0.0015) * parts;
                case "mouthPucker": return new Point3(-at.X * 0.42, 0, 0.0120) * about + new Point3(0, upper ? 0.0012 : -0.0012, 0) * (arch * Curve.Bell(Math.Abs(from) - 0.006, 0.005));
                case "mouthLeft": return new Point3(-0.0125, 0, 0) * wide + new Point3(0, 0, -0.0035 * Curve.Smooth(0.012, -0.020, at.X)) * wide;
                case "mouthRight": return new Point3(0.0125, 0, 0) * wide + new Point3(0, 0, -0.0035 * Curve.Smooth(-0.012, 0.020, at.X)) * wide;
                case "mouthSmileLeft": case "mouthSmileRight":
                    return new Point3(side * 0.0085, 0.0090, -0.0045) * corner + new Point3(side * 0.0015, 0.0040, 0.0025) * (Curve.Bell(Math.Abs(at.X) - 0.040, 0.016) * Curve.Bell(vertex.Row + 0.035, 0.016) * half);
                case "mouthFrownLeft": case "mouthFrownRight": return new Point3(side * 0.0005, -0.0085, -0.0015) * corner;
                case "mouthDimpleLeft": case "mouthDimpleRight": return new Point3(side * 0.0055, 0.0010, -0.0060) * corner;
                case "mouthStretchLeft": case "mouthStretchRight":
                    return new Point3(side * 0.0100, -0.0040, -0.0035) * corner + new Point3(0, upper ? 0 : -0.0020, 0) * (parts * half);
                case "mouthRollLower": return upper ? default : new Point3(0, 0.0034, -0.0092) * (arch * red);
                case "mouthRollUpper": return upper ? new Point3(0, -0.0030, -0.0080) * (arch * red) : default;
                case "mouthShrugLower":
                    return new Point3(0, 0.0050, 0.0022) * (arch * Curve.Bell(from, upper ? 0.010 : 0.020)) + new Point3(0, 0.0045, 0.0015) * (upper ? 0 : Curve.Bell(at.X, 0.020) * Curve.Bell(vertex.Row + 0.098, 0.015));
                case "mouthShrugUpper": return new Point3(0, 0.0042, 0.0022) * (arch * Curve.Bell(from, upper ? 0.016 : 0.009));
                case "mouthPressLeft": case "mouthPressRight":
                    return new Point3(0, -from * 0.48, -0.0034) * (red * arch * half) + new Point3(side * 0.0012, 0, -0.0020) * corner;
                case "mouthLowerDownLeft": case "mouthLowerDownRight": return upper ? default : new Point3(0, -0.0085, 0.0012) * (parts * half);
                case "mouthUpperUpLeft": case "mouthUpperUpRight": return upper ? new Point3(0, 0.0080, 0.0015) * (parts * half) : default;
                default: return default;
            }
        }
    }
}
