#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;

namespace CompanionBridge.Demo
{
    /// <summary>The 15 visemes of Oculus as sums of ARKit's shapes.</summary>
    internal static class HeadVisemes
    {
        static readonly string[] Lines =
        {
            "viseme_sil = mouthPressLeft*.08 mouthPressRight*.08",
            "viseme_PP = jawOpen*.08 mouthClose*.08 mouthPressLeft*.65 mouthPressRight*.65",
            "viseme_FF = jawOpen*.07 mouthRollLower*.85 mouthUpperUpLeft*.25 mouthUpperUpRight*.25",
            "viseme_TH = jawOpen*.20 tongueOut*.42 mouthLowerDownLeft*.25 mouthLowerDownRight*.25 mouthUpperUpLeft*.15 mouthUpperUpRight*.15",
            "viseme_DD = jawOpen*.16 mouthLowerDownLeft*.35 mouthLowerDownRight*.35 mouthUpperUpLeft*.15 mouthUpperUpRight*.15 tongueOut*.12",
            "viseme_kk = jawOpen*.22 mouthLowerDownLeft*.20 mouthLowerDownRight*.20 mouthStretchLeft*.15 mouthStretchRight*.15",
            "viseme_CH = jawOpen*.12 mouthFunnel*.60 mouthPucker*.15",
            "viseme_SS = jawOpen*.06 mouthStretchLeft*.40 mouthStretchRight*.40 mouthLowerDownLeft*.40 mouthLowerDownRight*.40 mouthUpperUpLeft*.25 mouthUpperUpRight*.25",
            "viseme_nn = jawOpen*.14 mouthLowerDownLeft*.25 mouthLowerDownRight*.25 mouthStretchLeft*.10 mouthStretchRight*.10",
            "viseme_RR = jawOpen*.16 mouthFunnel*.40 mouthPucker*.20",
            "viseme_aa = jawOpen*.70 mouthLowerDownLeft*.20 mouthLowerDownRight*.20 mouthUpperUpLeft*.15 mouthUpperUpRight*.15",
            "viseme_E = jawOpen*.38 mouthStretchLeft*.35 mouthStretchRight*.35 mouthSmileLeft*.15 mouthSmileRight*.15 mouthLowerDownLeft*.20 mouthLowerDownRight*.20",
            "viseme_I = jawOpen*.18 mouthStretchLeft*.45 mouthStretchRight*.45 mouthSmileLeft*.30 mouthSmileRight*.30 mouthLowerDownLeft*.25 mouthLowerDownRight*.25",
            "viseme_O = jawOpen*.45 mouthFunnel*.65 mouthPucker*.15",
            "viseme_U = jawOpen*.16 mouthPucker*.70 mouthFunnel*.30",
        };

        public static readonly IReadOnlyList<KeyValuePair<string, KeyValuePair<string, double>[]>> All = Parse();

        static List<KeyValuePair<string, KeyValuePair<string, double>[]>> Parse()
        {
            List<KeyValuePair<string, KeyValuePair<string, double>[]>> all = new List<KeyValuePair<string, KeyValuePair<string, double>[]>>();
            foreach (string line in Lines)
            {
                string[] sides = line.Split('=');
                string[] terms = sides[1].Trim().Split(' ');
                KeyValuePair<string, double>[] parts = Array.ConvertAll(terms, term =>
                {
                    string[] factors = term.Split('*');
                    return new KeyValuePair<string, double>(factors[0], double.Parse("0" + factors[1], CultureInfo.InvariantCulture));
                });
                all.Add(new KeyValuePair<string, KeyValuePair<string, double>[]>(sides[0].Trim(), parts));
            }
            return all;
        }
    }
}
