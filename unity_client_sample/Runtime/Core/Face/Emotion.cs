#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// The companion's emotion, eased in and out. Frames of arkit52 and vrm show it already; on viseme profiles its shapes are
    /// made here. Names that are not known are reported once and change nothing.
    /// </summary>
    public sealed class Emotion
    {
        const double Rise = 0.35, Fall = 0.9; // s to 63 %

        static readonly Dictionary<string, string> Near = new Dictionary<string, string>
        {
            { "joy", "happy" }, { "smile", "happy" }, { "amused", "happy" }, { "excited", "happy" }, { "love", "happy" }, { "proud", "happy" },
            { "sorrow", "sad" }, { "worried", "afraid" }, { "sorry", "sad" }, { "disappointed", "sad" }, { "lonely", "sad" },
            { "anger", "angry" }, { "annoyed", "angry" }, { "frustrated", "angry" },
            { "surprise", "surprised" }, { "shocked", "surprised" }, { "amazed", "surprised" },
            { "fear", "afraid" }, { "scared", "afraid" }, { "nervous", "afraid" }, { "anxious", "afraid" },
            { "disgust", "disgusted" }, { "calm", "relaxed" }, { "content", "relaxed" }, { "trust", "relaxed" },
            { "interested", "curious" }, { "anticipation", "curious" }, { "thoughtful", "thinking" }, { "confused", "thinking" }, { "pensive", "thinking" },
        };

        // Brows, eyes and cheeks only: the mouth belongs to speech.
        static readonly Dictionary<string, string> Shapes = new Dictionary<string, string>
        {
            { "neutral", "" },
            { "happy", "cheekSquintLeft=.5 cheekSquintRight=.5 mouthSmileLeft=.45 mouthSmileRight=.45 browOuterUpLeft=.15 browOuterUpRight=.15" },
            { "sad", "browInnerUp=.7 mouthFrownLeft=.4 mouthFrownRight=.4 eyeSquintLeft=.15 eyeSquintRight=.15" },
            { "angry", "browDownLeft=.8 browDownRight=.8 eyeSquintLeft=.4 eyeSquintRight=.4 noseSneerLeft=.3 noseSneerRight=.3" },
            { "surprised", "browInnerUp=.8 browOuterUpLeft=.8 browOuterUpRight=.8 eyeWideLeft=.6 eyeWideRight=.6" },
            { "afraid", "browInnerUp=.9 browOuterUpLeft=.3 browOuterUpRight=.3 eyeWideLeft=.5 eyeWideRight=.5 mouthStretchLeft=.2 mouthStretchRight=.2" },
            { "disgusted", "noseSneerLeft=.7 noseSneerRight=.7 browDownLeft=.4 browDownRight=.4" },
            { "relaxed", "mouthSmileLeft=.2 mouthSmileRight=.2 eyeSquintLeft=.1 eyeSquintRight=.1" },
            { "curious", "browOuterUpLeft=.5 browInnerUp=.3" },
            { "thinking", "browDownLeft=.3 browOuterUpRight=.3 eyeSquintLeft=.15 eyeSquintRight=.15" },
        };

        static readonly string[] Mouth = { "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthStretchLeft", "mouthStretchRight" };

        readonly HashSet<string> _unknown = new HashSet<string>();
        readonly float[] _shown = new float[FaceNames.Arkit.Length];
        readonly float[] _aim = new float[FaceNames.Arkit.Length];

        /// <summary>One of the protocol's emotions.</summary>
        public string Name { get; private set; } = "neutral";

        /// <summary>How strongly it was asked for, 0..1.</summary>
        public float Intensity { get; private set; }

        /// <summary>The known emotion of a name or of one near it; null when there is none.</summary>
        public static string? Canonical(string name)
        {
            string word = name.ToLowerInvariant();
            if (Shapes.ContainsKey(word)) return word;
            return Near.TryGetValue(word, out string? found) ? found : null;
        }

        /// <summary>Feel this from now on. False the first time a name is not known.</summary>
        public bool Feel(string name, float intensity)
        {
            string? known = Canonical(name);
            if (known == null) return !_unknown.Add(name);
            Name = known;
            Intensity = Math.Min(1, Math.Max(0, intensity));
            Array.Clear(_aim, 0, _aim.Length);
            foreach (string each in Shapes[known].Split(' '))
            {
                string[] pair = each.Split('=');
                if (pair.Length == 2) _aim[Array.IndexOf(FaceNames.Arkit, pair[0])] = Intensity * float.Parse("0" + pair[1], System.Globalization.CultureInfo.InvariantCulture);
            }
            return true;
        }

        /// <summary>Go on by <paramref name="seconds"/>.</summary>
        public void Step(double seconds)
        {
            for (int index = 0; index < _shown.Length; index++)
            {
                double time = _aim[index] > _shown[index] ? Rise : Fall;
                _shown[index] += (_aim[index] - _shown[index]) * (float)(1 - Math.Exp(-seconds / time));
            }
        }

        /// <summary>Weight of an ARKit shape, for faces that do not show the emotion themselves; the mouth's part shrinks while speaking.</summary>
        public float Weight(int arkit, bool speaking)
        {
            bool mouth = Array.IndexOf(Mouth, FaceNames.Arkit[arkit]) >= 0;
            return _shown[arkit] * (mouth && speaking ? 0.4f : 1);
        }
    }
}
