#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>Part of a shape's weight: that of a channel, times a gain.</summary>
    public readonly struct FaceBinding
    {
        public readonly int Channel, Shape;
        public readonly float Gain;

        public FaceBinding(int channel, int shape, float gain)
        {
            Channel = channel;
            Shape = shape;
            Gain = gain;
        }
    }

    /// <summary>A binding that a person chose, by names; an empty shape means that the channel drives nothing.</summary>
    [Serializable]
    public struct FaceChoice
    {
        public string Channel;
        public string Shape;
        public float Gain;
    }

    /// <summary>How lips close while the jaw is open.</summary>
    public enum LipSeal
    {
        /// <summary>By the shape mouthClose, or by the jaw where the mesh has none.</summary>
        Automatic,

        /// <summary>By the shape mouthClose, which another mesh of the character may have.</summary>
        Shape,

        /// <summary>By the jaw: it opens by jawOpen less mouthClose.</summary>
        Jaw,
    }

    /// <summary>Which shapes of a mesh show which channels of a face: by name, by makers' names, or as chosen.</summary>
    public sealed class FaceMap
    {
        readonly FaceBinding[] _bindings;
        readonly bool[] _driven;

        FaceMap(FaceBinding[] bindings, int shapes, string[] missing, int matched, bool sealsByJaw)
        {
            _bindings = bindings;
            _driven = new bool[shapes];
            foreach (FaceBinding each in bindings) _driven[each.Shape] = true;
            Missing = missing;
            Matched = matched;
            SealsByJaw = sealsByJaw;
        }

        public IReadOnlyList<FaceBinding> Bindings => _bindings;

        /// <summary>Channels that no shape shows.</summary>
        public IReadOnlyList<string> Missing { get; }

        /// <summary>Channels that are shown.</summary>
        public int Matched { get; }

        /// <summary>Whether closed lips are made by driving the jaw with jawOpen less mouthClose, since the mesh has no mouthClose.</summary>
        public bool SealsByJaw { get; }

        public bool Drives(int shape) => _driven[shape];

        /// <summary>Weights 0..1 of the mesh's shapes from the channels' weights.</summary>
        public void Apply(float[] weights, float[] shapes)
        {
            Array.Clear(shapes, 0, _driven.Length);
            foreach (FaceBinding each in _bindings)
                if (each.Channel < weights.Length) shapes[each.Shape] += weights[each.Channel] * each.Gain;
            for (int shape = 0; shape < _driven.Length; shape++) shapes[shape] = Math.Min(1, Math.Max(0, shapes[shape]));
        }

        /// <summary>Match channels of a profile to a mesh's shapes. <paramref name="choices"/> overrule.</summary>
        public static FaceMap Build(string profile, IReadOnlyList<string> channels, IReadOnlyList<string> shapes, IReadOnlyList<FaceChoice>? choices = null, LipSeal seal = LipSeal.Automatic)
        {
            Dictionary<string, int> known = Index(shapes);
            List<FaceBinding> bindings = new List<FaceBinding>();
            List<string> missing = new List<string>();
            int matched = 0, jaw = -1, close = -1;
            bool closes = false;
            for (int channel = 0; channel < channels.Count; channel++)
            {
                string name = channels[channel];
                if (Array.IndexOf(FaceNames.Head, name) >= 0) continue;
                if (name == "jawOpen") jaw = channel;
                if (name == "mouthClose") close = channel;
                if (name == "mouthClose" && seal == LipSeal.Jaw) continue;
                int before = bindings.Count;
                if (!Chosen(channel, name, shapes, choices, bindings)) Match(profile, channel, name, known, bindings);
                if (bindings.Count > before) matched++;
                else missing.Add(name);
                if (name == "mouthClose") closes = bindings.Count > before;
            }
            bool byJaw = close >= 0 && jaw >= 0 && !closes && seal != LipSeal.Shape;
            if (byJaw)
                for (int index = bindings.Count - 1; index >= 0; index--)
                    if (bindings[index].Channel == jaw) bindings.Add(new FaceBinding(close, bindings[index].Shape, -bindings[index].Gain));
            return new FaceMap(bindings.ToArray(), shapes.Count, missing.ToArray(), matched, byJaw);
        }

        /// <summary>Whether a mesh has a shape for a channel of a profile.</summary>
        public static bool Has(string profile, string channel, IReadOnlyList<string> shapes) => Build(profile, new[] { channel }, shapes).Matched > 0;

        /// <summary>The profile that a mesh shows best, and how many of its channels: arkit52, oculus15, vrm, or none.</summary>
        public static string Detect(IReadOnlyList<string> shapes, out int matched)
        {
            int arkit = Build("arkit52", FaceNames.Arkit, shapes).Matched;
            int oculus = Build("oculus15", FaceNames.Oculus, shapes).Matched;
            int vrm = Build("vrm", FaceNames.Vrm, shapes).Matched;
            matched = arkit;
            // A mesh with most of ARKit's shapes shows more than one with visemes; a few of them by chance show less.
            if (arkit >= 20) return "arkit52";
            if (oculus >= 8 && oculus >= vrm) { matched = oculus; return "oculus15"; }
            if (vrm >= 5) { matched = vrm; return "vrm"; }
            return arkit > 0 ? "arkit52" : "none";
        }

        static Dictionary<string, int> Index(IReadOnlyList<string> shapes)
        {
            Dictionary<string, int> known = new Dictionary<string, int>();
            for (int shape = 0; shape < shapes.Count; shape++)
            {
                string normal = FaceNames.Normal(shapes[shape]);
                if (!known.ContainsKey(normal)) known[normal] = shape;
            }
            for (int shape = 0; shape < shapes.Count; shape++)
                foreach (string variant in FaceNames.Variants(shapes[shape]))
                    if (!known.ContainsKey(variant)) known[variant] = shape;
            return known;
        }

        static bool Chosen(int channel, string name, IReadOnlyList<string> shapes, IReadOnlyList<FaceChoice>? choices, List<FaceBinding> into)
        {
            bool any = false;
            for (int index = 0; choices != null && index < choices.Count; index++)
            {
                if (choices[index].Channel != name) continue;
                any = true;
                for (int shape = 0; shape < shapes.Count; shape++)
                    if (shapes[shape] == choices[index].Shape) into.Add(new FaceBinding(channel, shape, choices[index].Gain == 0 ? 1 : choices[index].Gain));
            }
            return any;
        }

        static void Match(string profile, int channel, string name, Dictionary<string, int> known, List<FaceBinding> into)
        {
            if (known.TryGetValue(FaceNames.Normal(name), out int shape))
            {
                into.Add(new FaceBinding(channel, shape, 1));
                return;
            }
            foreach (FaceAliases.Part[] way in FaceAliases.Of(profile, name))
            {
                if (!Array.TrueForAll(way, part => known.ContainsKey(part.Name))) continue;
                foreach (FaceAliases.Part part in way) into.Add(new FaceBinding(channel, known[part.Name], part.Gain));
                return;
            }
        }
    }
}
