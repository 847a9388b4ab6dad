#nullable enable
using System.Collections.Generic;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>A character's face without a server: what its meshes show of a profile, and weights to try on them.</summary>
    public sealed class FacePreview
    {
        readonly List<FaceTarget> _targets = new List<FaceTarget>();
        readonly List<string> _missing = new List<string>();
        readonly Dictionary<string, string> _shown = new Dictionary<string, string>();

        public FacePreview(IReadOnlyList<SkinnedMeshRenderer> renderers, string profile, IReadOnlyList<FaceChoice> choices, bool sealByJaw)
        {
            string[] names = Channels(profile);
            double[] low = new double[names.Length], high = new double[names.Length];
            for (int channel = 0; channel < names.Length; channel++) high[channel] = 1;
            Format = new FaceFormat(profile, 60, names, low, high);
            Weights = new float[names.Length];
            LipSeal seal = sealByJaw ? LipSeal.Jaw : Closes(renderers, choices) ? LipSeal.Shape : LipSeal.Automatic;
            foreach (SkinnedMeshRenderer each in renderers) Add(new FaceTarget(each, Format, choices, seal));
            foreach (string name in names)
                if (!_shown.ContainsKey(name)) _missing.Add(name);
        }

        public FaceFormat Format { get; }

        /// <summary>Weight of each channel, 0..1; <see cref="Show"/> puts them on the meshes.</summary>
        public float[] Weights { get; }

        public IReadOnlyList<FaceTarget> Targets => _targets;

        /// <summary>Channels that no mesh shows.</summary>
        public IReadOnlyList<string> Missing => _missing;

        public int Matched => Weights.Length - _missing.Count;

        /// <summary>Whether closed lips are made by the jaw, since no mesh has a mouthClose.</summary>
        public bool SealsByJaw { get; private set; }

        /// <summary>The shapes that show a channel, for people; "" when there is none.</summary>
        public string ShownBy(string channel) => _shown.TryGetValue(channel, out string? shapes) ? shapes : "";

        public static string[] Channels(string profile)
        {
            switch (profile)
            {
                case "arkit52": return FaceNames.Arkit;
                case "oculus15": return FaceNames.Oculus;
                case "vrm": return FaceNames.Vrm;
                default: return System.Array.Empty<string>();
            }
        }

        // Teeth without a mouthClose must not close by the jaw when the lips beside them close by the shape.
        bool Closes(IReadOnlyList<SkinnedMeshRenderer> renderers, IReadOnlyList<FaceChoice> choices)
        {
            int close = Format.IndexOf("mouthClose");
            foreach (SkinnedMeshRenderer each in renderers)
                foreach (FaceBinding binding in new FaceTarget(each, Format, choices, LipSeal.Shape).Map.Bindings)
                    if (binding.Channel == close) return true;
            return false;
        }

        void Add(FaceTarget target)
        {
            if (target.Map.Matched == 0) return;
            _targets.Add(target);
            SealsByJaw |= target.Map.SealsByJaw;
            foreach (FaceBinding each in target.Map.Bindings)
            {
                if (each.Gain < 0) continue;
                string channel = Format.Names[each.Channel], shape = target.Shapes[each.Shape];
                if (!_shown.TryGetValue(channel, out string? before)) _shown[channel] = shape;
                else if (System.Array.IndexOf(before.Split(','), shape) < 0) _shown[channel] = before + "," + shape;
            }
        }

        public void Show()
        {
            foreach (FaceTarget each in _targets) each.Write(Weights, 1);
        }

        /// <summary>Put the meshes back to rest.</summary>
        public void Clear()
        {
            System.Array.Clear(Weights, 0, Weights.Length);
            Show();
            foreach (FaceTarget each in _targets) each.Clear();
        }

        /// <summary>Sentences about what will not be seen, worst first.</summary>
        public IReadOnlyList<string> Complaints()
        {
            List<string> all = new List<string>();
            if (Format.Names.Length == 0)
            {
                all.Add("No known face shapes were found on the meshes. Choose shapes by hand, or give the Companion Face a jaw bone.");
                return all;
            }
            if (Format.Profile == "arkit52" && ShownBy("jawOpen").Length == 0) all.Add("Nothing opens the mouth (jawOpen): choose a shape, or give the Companion Face a jaw bone.");
            if (SealsByJaw) all.Add("There is no mouthClose: p, b and m close the lips by the jaw instead, which looks right on most heads.");
            if (Format.Profile == "arkit52" && (ShownBy("eyeBlinkLeft").Length == 0 || ShownBy("eyeBlinkRight").Length == 0)) all.Add("The eyes cannot blink (eyeBlinkLeft, eyeBlinkRight).");
            if (Format.Profile == "oculus15" && ShownBy("PP").Length == 0) all.Add("Nothing closes the lips (viseme PP).");
            if (_missing.Count > 0) all.Add("Not shown: " + string.Join(", ", _missing) + ".");
            return all;
        }
    }
}
