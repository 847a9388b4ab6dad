#nullable enable
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>Other makers' names of a channel, as <see cref="FaceAliasNames"/> lists them.</summary>
    internal static class FaceAliases
    {
        static readonly Dictionary<string, Dictionary<string, List<Part[]>>> Known = new Dictionary<string, Dictionary<string, List<Part[]>>>
        {
            { "arkit52", Parse(FaceAliasNames.Arkit) }, { "oculus15", Parse(FaceAliasNames.Oculus) }, { "vrm", Parse(FaceAliasNames.Vrm) },
        };

        internal readonly struct Part
        {
            public readonly string Name; // normal
            public readonly float Gain;

            public Part(string name, float gain)
            {
                Name = name;
                Gain = gain;
            }
        }

        static readonly List<Part[]> None = new List<Part[]>();

        /// <summary>The ways to make a channel of a profile from a maker's shapes, best first.</summary>
        public static List<Part[]> Of(string profile, string channel) =>
            Known.TryGetValue(profile, out Dictionary<string, List<Part[]>>? all) && all.TryGetValue(channel, out List<Part[]>? ways) ? ways : None;

        static Dictionary<string, List<Part[]>> Parse(string text)
        {
            Dictionary<string, List<Part[]>> all = new Dictionary<string, List<Part[]>>();
            foreach (string line in text.Split('\n'))
            {
                string[] sides = line.Split('=');
                if (sides.Length != 2) continue;
                string[] names = sides[1].Split('+');
                Part[] parts = new Part[names.Length];
                for (int index = 0; index < names.Length; index++)
                {
                    string[] factors = names[index].Split('*');
                    float gain = factors.Length > 1 ? float.Parse(factors[1], System.Globalization.CultureInfo.InvariantCulture) : 1;
                    parts[index] = new Part(FaceNames.Normal(factors[0].Trim()), gain);
                }
                string channel = sides[0].Trim();
                if (!all.TryGetValue(channel, out List<Part[]>? ways)) all[channel] = ways = new List<Part[]>();
                ways.Add(parts);
            }
            return all;
        }
    }
}
