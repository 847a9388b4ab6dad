#nullable enable

namespace CompanionBridge
{
    /// <summary>Ticks of the media clock.</summary>
    public static class Ticks
    {
        public const int PerSecond = 48000;
    }

    /// <summary>Where the rule "each sample heard is the next of its turn" begins or ends; Slide: the turn runs on, a little shifted since it is played faster or slower.</summary>
    public enum PointKind { Run, Hold, End, Reset, Slide }

    /// <summary>A turning point of playback: sample <see cref="Sample"/> of a turn lies at sample <see cref="Air"/> of the stream.</summary>
    public readonly struct Point
    {
        public readonly PointKind Kind;
        public readonly long Turn, Sample, Air;
        public readonly bool Cut;
        public readonly EndReason Reason;

        public Point(PointKind kind, long turn, long sample, long air, bool cut = false, EndReason reason = EndReason.Complete)
        {
            Kind = kind;
            Turn = turn;
            Sample = sample;
            Air = air;
            Cut = cut;
            Reason = reason;
        }
    }

    /// <summary>Hears what goes to air, on the thread that reads: for recording and metering. Must be quick.</summary>
    public interface IAirTap
    {
        /// <summary>Samples of a turn from sample <paramref name="sample"/> on, as they sound (ducked, faded).</summary>
        void OnSound(long turn, long sample, short[] air, int offset, int count);

        /// <summary>A turning point; the same that the point queue carries.</summary>
        void OnPoint(in Point point);
    }
}
