#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>How much is written to the console.</summary>
    public enum CompanionLogLevel { Nothing, Problems, Everything }

    /// <summary>One line for each event, with its code, never with a secret.</summary>
    internal static class CompanionLog
    {
        public static void Problem(CompanionLogLevel level, string text, Object about)
        {
            if (level >= CompanionLogLevel.Problems) Debug.LogWarning("[Companion] " + text, about);
        }

        public static void Note(CompanionLogLevel level, string text, Object about)
        {
            if (level >= CompanionLogLevel.Everything) Debug.Log("[Companion] " + text, about);
        }
    }
}
