#nullable enable
using System;
using System.Diagnostics;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// The clock of every component, in seconds: one that runs on all threads, through pauses of the game and whatever its time
    /// scale is. Never Time.time, which stands still in a frame and can be stopped.
    /// </summary>
    public static class CompanionClock
    {
        static readonly Stopwatch Watch = Stopwatch.StartNew();

        /// <summary>Another clock, for tests; null: the real one.</summary>
        public static Func<double>? Source { get; set; }

        // Where the editor keeps the domain between two plays, no clock of a test is left.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void Reset() => Source = null;

        public static double Now => Source != null ? Source() : Watch.Elapsed.TotalSeconds;
    }
}
