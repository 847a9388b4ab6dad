#nullable enable
using System.Collections.Generic;
using System.Text;

namespace CompanionBridge
{
    /// <summary>The channel names of the face profiles, and what the same shapes are called on meshes of other makers.</summary>
    public static class FaceNames
    {
        /// <summary>The 52 blend shapes of ARKit, in the order of the wire.</summary>
        public static readonly string[] Arkit =
        {
            "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft",
            "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight",
            "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
            "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
            "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
            "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
            "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
            "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
        };

        /// <summary>The 15 visemes of Oculus.</summary>
        public static readonly string[] Oculus = { "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou" };

        /// <summary>The expressions of VRM 1.0.</summary>
        public static readonly string[] Vrm =
        {
            "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "angry", "sad", "relaxed", "surprised", "neutral",
            "lookUp", "lookDown", "lookLeft", "lookRight",
        };

        /// <summary>Channels of every profile that are angles in radians, not shapes.</summary>
        public static readonly string[] Head = { "headYaw", "headPitch", "headRoll" };

        static readonly string[] Prefixes = { "ctrlexpressions", "facsbs", "facsctrl", "facsjnt", "facs", "ectrl", "viseme", "vrcv", "fclmth", "fcleye", "fclall", "facialblends", "blendshape", "expressions", "arkit", "face", "head", "shape", "mesh", "bs", "v" };

        /// <summary>
        /// A name without what makers add to it: the part after the last dot or two underscores, letters and digits only, lower case, sides as
        /// a final l or r wherever they stood ("blendShape2.mouthSmile_L", "Left_MouthSmile" and "mouthSmileLeft" are one).
        /// </summary>
        public static string Normal(string name)
        {
            string text = name.Substring(name.LastIndexOf('.') + 1);
            int figure = text.LastIndexOf("__", System.StringComparison.Ordinal); // Daz: Genesis9__facs_bs_JawOpen
            if (figure >= 0) text = text.Substring(figure + 2);
            if (text.EndsWith("_div2", System.StringComparison.Ordinal)) text = text.Substring(0, text.Length - 5);
            string side = "";
            foreach (string left in new[] { "Left_", "left_", "L_", "l_" })
                if (text.StartsWith(left, System.StringComparison.Ordinal)) { text = text.Substring(left.Length); side = "l"; break; }
            foreach (string right in new[] { "Right_", "right_", "R_", "r_" })
                if (side.Length == 0 && text.StartsWith(right, System.StringComparison.Ordinal)) { text = text.Substring(right.Length); side = "r"; break; }
            StringBuilder plain = new StringBuilder();
            foreach (char each in text)
                if (char.IsLetterOrDigit(each)) plain.Append(char.ToLowerInvariant(each));
            string word = plain.ToString();
            if (word.EndsWith("left", System.StringComparison.Ordinal)) word = word.Substring(0, word.Length - 3);
            else if (word.EndsWith("right", System.StringComparison.Ordinal)) word = word.Substring(0, word.Length - 4);
            return word + side;
        }

        /// <summary>The normal name, and what is left of it when a maker's prefix is taken away.</summary>
        public static IEnumerable<string> Variants(string name)
        {
            string normal = Normal(name);
            yield return normal;
            // Rocketbox numbers its shapes: AK_25_JawOpen, AA_VI_10_aa.
            foreach (string numbered in new[] { "ak", "aavi" })
                if (IsNumbered(normal, numbered)) yield return normal.Substring(numbered.Length + 2);
            foreach (string prefix in Prefixes)
                if (normal.Length > prefix.Length && normal.StartsWith(prefix, System.StringComparison.Ordinal)) yield return normal.Substring(prefix.Length);
        }

        static bool IsNumbered(string normal, string prefix) =>
            normal.Length > prefix.Length + 2 && normal.StartsWith(prefix, System.StringComparison.Ordinal) && char.IsDigit(normal[prefix.Length]) && char.IsDigit(normal[prefix.Length + 1]);
    }
}
