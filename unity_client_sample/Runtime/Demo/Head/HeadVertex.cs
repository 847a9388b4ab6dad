#nullable enable

namespace CompanionBridge.Demo
{
    internal enum HeadPart { Upper, Lower, Bag, UpperTeeth, LowerTeeth, Tongue, Eye, UpperLid, LowerLid, Brow, Ear }

    /// <summary>A vertex at rest, and where it lies in its part: that is what its movements depend on.</summary>
    internal struct HeadVertex
    {
        public HeadPart Part;
        public Point3 Rest;
        public float U, V;

        /// <summary>Own left -1, own right 1, both 0.</summary>
        public int Side;

        /// <summary>Skin: angle around the head. Lids: elevation about the eye's middle. rad.</summary>
        public double Angle;

        /// <summary>Skin: its height on the outside. Brows: 0 at the nose, 1 at the temple. Lids: 1 at the rim, 0 at the far edge. Bag: 0 at the upper lip, 1 at the lower.</summary>
        public double Row;

        /// <summary>Lids: across the eye, -1..1. Skin inside the lips: how far inside, 0 outside.</summary>
        public double Across;

        /// <summary>Vertices with one number share a normal.</summary>
        public int Weld;

        /// <summary>Bag: the vertices of the lips that it hangs between.</summary>
        public int Above, Below;
    }
}
