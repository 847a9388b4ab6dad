#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>Lets each message through once, and nothing of a reply that was cut.</summary>
    internal sealed class Admission
    {
        /// <summary>The highest seq received in this session.</summary>
        public long Seq { get; private set; }

        /// <summary>The last reply.</summary>
        public long Turn { get; private set; }

        /// <summary>Turns up to this one are cut.</summary>
        public long Cut { get; private set; }

        public void Clear(long seq)
        {
            Seq = seq;
            Turn = Cut = 0;
        }

        public void Forget(long turn) => Cut = Math.Max(Cut, turn);

        /// <summary>A message without a turn, or whose turn may be cut.</summary>
        public bool Once(long seq)
        {
            if (seq == 0) return true;
            if (seq <= Seq) return false;
            Seq = seq;
            return true;
        }

        /// <summary>A message that belongs to a reply.</summary>
        public bool OfReply(long seq, long turn)
        {
            if (!Once(seq)) return false;
            if (turn == 0) return true;
            Turn = Math.Max(Turn, turn);
            return turn > Cut;
        }
    }
}
