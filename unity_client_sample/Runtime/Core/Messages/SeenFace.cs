#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// A face that your own camera sees, as numbers. Directions are as in a mirror: to the right as the user sees it, and up.
    /// </summary>
    public sealed class SeenFace
    {
        /// <summary>Your number for this face, from 1, the same as long as you follow it.</summary>
        public long Id = 1;

        /// <summary>False: this one has gone.</summary>
        public bool Present = true;

        /// <summary>One byte for each of Hello.SeenNames, 255 times the weight; empty: not known.</summary>
        public byte[] Weights = Array.Empty<byte>();

        /// <summary>The head towards the camera, degrees: to its own left, up, to its own right.</summary>
        public double Yaw, Pitch, Roll;

        /// <summary>Where the eyes look from the companion's place on the screen, -1 to 1, 1 is 45 degrees; NaN: not known.</summary>
        public double GazeX = double.NaN, GazeY = double.NaN;

        /// <summary>Where the middle of the face is in the picture, -1 to 1; NaN: not known.</summary>
        public double PlaceX = double.NaN, PlaceY = double.NaN;

        /// <summary>Height of the face by the height of the picture, 0 to 1.</summary>
        public double Size;

        internal void Write(MessagePackWriter writer)
        {
            int map = writer.Begin();
            writer.Field(map, "id").Int(Id);
            if (!Present) writer.Field(map, "present").Bool(false);
            if (Weights.Length > 0) writer.Field(map, "weights").Bytes(Weights, 0, Weights.Length);
            if (Yaw != 0 || Pitch != 0 || Roll != 0)
            {
                writer.Field(map, "pose").Array(3);
                writer.Float(Clip(Yaw, 180));
                writer.Float(Clip(Pitch, 180));
                writer.Float(Clip(Roll, 180));
            }
            Pair(writer, map, "gaze", GazeX, GazeY);
            Pair(writer, map, "place", PlaceX, PlaceY);
            if (Size > 0) writer.Field(map, "size").Float(Math.Min(1, Size));
        }

        static void Pair(MessagePackWriter writer, int map, string name, double x, double y)
        {
            if (double.IsNaN(x + y)) return;
            writer.Field(map, name).Array(2);
            writer.Float(Clip(x, 1));
            writer.Float(Clip(y, 1));
        }

        static double Clip(double value, double most) => double.IsNaN(value) ? 0 : Math.Max(-most, Math.Min(most, value));
    }
}
