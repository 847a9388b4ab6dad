#nullable enable

namespace CompanionBridge
{
    /// <summary>Samples of a turn that wait: a run in the sample ring, or silence.</summary>
    internal struct Chunk
    {
        public long Turn;
        public long Start; // in the sample ring; -1: silence
        public long Count;
        public double Due; // sample of the stream at which it is due; NaN: as soon as there is enough
        public bool Begun; // some of it was heard
        public long RingEnd; // everything before it in the sample ring belongs to this chunk or an earlier one
    }

    /// <summary>A turn that plays or waits to.</summary>
    internal struct PlayoutTurn
    {
        public long Number;
        public long Heard; // samples
        public long Waiting;
        public bool Begun, Starved, Placed, Ended;
        public EndReason Reason;
    }

    /// <summary>What the pushing thread tells the reading one.</summary>
    internal struct PlayoutCommand
    {
        public enum What { Begin, Append, End, Interrupt, Duck, Unduck, Reset }

        public What Kind;
        public long Turn, Pts, Start, Count;
        public double Due;
        public EndReason Reason;
    }
}
