#nullable enable
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// Other makers' names of a channel. Each line is "channel = name + name*gain ...", a line for each way; the first way of
    /// which every shape is on the mesh is taken. Reallusion's names are those of CC3+ and CC4, VRoid's those of its exports.
    /// </summary>
    internal static class FaceAliases
    {
        const string Arkit = @"
eyeLookDownLeft = Eye_L_Look_Down
eyeLookInLeft = Eye_L_Look_R
eyeLookOutLeft = Eye_L_Look_L
eyeLookUpLeft = Eye_L_Look_Up
eyeLookDownRight = Eye_R_Look_Down
eyeLookInRight = Eye_R_Look_L
eyeLookOutRight = Eye_R_Look_R
eyeLookUpRight = Eye_R_Look_Up
eyeBlinkLeft = Fcl_EYE_Close_L
eyeBlinkRight = Fcl_EYE_Close_R
eyeBlinkLeft = eyesClosed*0.5
eyeBlinkRight = eyesClosed*0.5
eyeBlinkLeft = blink*0.5
eyeBlinkRight = blink*0.5
jawOpen = mouthOpen
jawOpen = Fcl_MTH_A
mouthFunnel = Mouth_Funnel_Up_L + Mouth_Funnel_Up_R + Mouth_Funnel_Down_L + Mouth_Funnel_Down_R
mouthFunnel = V_Tight_O
mouthPucker = Mouth_Pucker_Up_L + Mouth_Pucker_Up_R + Mouth_Pucker_Down_L + Mouth_Pucker_Down_R
mouthPucker = V_Tight
mouthRollLower = Mouth_Roll_In_Lower_L + Mouth_Roll_In_Lower_R
mouthRollLower = Mouth_Roll_In_Lower
mouthRollUpper = Mouth_Roll_In_Upper_L + Mouth_Roll_In_Upper_R
mouthRollUpper = Mouth_Roll_In_Upper
mouthLowerDownLeft = Mouth_Down_Lower_L
mouthLowerDownRight = Mouth_Down_Lower_R
mouthUpperUpLeft = Mouth_Up_Upper_L
mouthUpperUpRight = Mouth_Up_Upper_R
mouthPressLeft = mouthPress*0.5
mouthPressRight = mouthPress*0.5
mouthSmileLeft = mouthSmile*0.5
mouthSmileRight = mouthSmile*0.5
browDownLeft = Brow_Drop_L
browDownRight = Brow_Drop_R
browInnerUp = Brow_Raise_Inner_L + Brow_Raise_Inner_R
browOuterUpLeft = Brow_Raise_Outer_L
browOuterUpRight = Brow_Raise_Outer_R
cheekPuff = Cheek_Puff_L + Cheek_Puff_R
cheekSquintLeft = Cheek_Raise_L
cheekSquintRight = Cheek_Raise_R
";

        const string Oculus = @"
sil = viseme_sil
PP = V_Explosive
PP = B_M_P
FF = V_Dental_Lip
FF = F_V
TH = V_Dental_Lip*0.3 + V_Lip_Open*0.5
DD = V_Lip_Open*0.7
DD = T_L_D_N
kk = V_Lip_Open*0.5
kk = K_G_H_NG
CH = V_Affricate
CH = Ch_J
SS = V_Wide*0.6 + V_Lip_Open*0.4
SS = S_Z
nn = V_Lip_Open*0.5
nn = T_L_D_N
RR = V_Affricate*0.4 + V_Lip_Open*0.3
RR = R
RR = Er
aa = V_Open
aa = Ah
aa = Fcl_MTH_A
E = V_Open*0.4 + V_Wide*0.6
E = AE
E = EE
E = Fcl_MTH_E
ih = viseme_I
ih = V_Wide
ih = IH
ih = EE
ih = Fcl_MTH_I
oh = viseme_O
oh = V_Tight_O
oh = Oh
oh = Fcl_MTH_O
ou = viseme_U
ou = V_Tight
ou = W_OO
ou = Fcl_MTH_U
";

        const string Vrm = @"
aa = Fcl_MTH_A
aa = A
ih = Fcl_MTH_I
ih = I
ou = Fcl_MTH_U
ou = U
ee = Fcl_MTH_E
ee = E
oh = Fcl_MTH_O
oh = O
blink = Fcl_EYE_Close
blinkLeft = Fcl_EYE_Close_L
blinkRight = Fcl_EYE_Close_R
blinkLeft = Blink_L
blinkRight = Blink_R
happy = Fcl_ALL_Joy
happy = Joy
angry = Fcl_ALL_Angry
sad = Fcl_ALL_Sorrow
sad = Sorrow
relaxed = Fcl_ALL_Fun
relaxed = Fun
surprised = Fcl_ALL_Surprised
";

        static readonly Dictionary<string, Dictionary<string, List<Part[]>>> Known = new Dictionary<string, Dictionary<string, List<Part[]>>>
        {
            { "arkit52", Parse(Arkit) }, { "oculus15", Parse(Oculus) }, { "vrm", Parse(Vrm) },
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
