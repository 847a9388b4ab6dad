using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    /// <summary>Shapes as the makers of characters call them.</summary>
    public class MakersTests
    {
        const string Fuse = "Blink_Left Blink_Right BrowsDown_Left BrowsDown_Right BrowsIn_Left BrowsIn_Right BrowsOuterLower_Left BrowsOuterLower_Right BrowsUp_Left BrowsUp_Right " +
            "CheekPuff_Left CheekPuff_Right EyesWide_Left EyesWide_Right Frown_Left Frown_Right JawBackward JawForeward JawRotateY_Left JawRotateY_Right JawRotateZ_Left JawRotateZ_Right " +
            "Jaw_Down Jaw_Left Jaw_Right Jaw_Up LowerLipDown_Left LowerLipDown_Right LowerLipIn LowerLipOut Midmouth_Left Midmouth_Right MouthDown MouthNarrow_Left MouthNarrow_Right MouthOpen MouthUp " +
            "MouthWhistle_NarrowAdjust_Left MouthWhistle_NarrowAdjust_Right NoseScrunch_Left NoseScrunch_Right Smile_Left Smile_Right Squint_Left Squint_Right TongueUp UpperLipIn UpperLipOut UpperLipUp_Left UpperLipUp_Right";

        const string MetaHuman = "browDownL browDownR browLateralL browLateralR browRaiseInL browRaiseInR browRaiseOuterL browRaiseOuterR eyeBlinkL eyeBlinkR eyeWidenL eyeWidenR eyeSquintInnerL eyeSquintInnerR " +
            "eyeCheekRaiseL eyeCheekRaiseR eyeLookUpL eyeLookUpR eyeLookDownL eyeLookDownR eyeLookLeftL eyeLookLeftR eyeLookRightL eyeLookRightR noseWrinkleL noseWrinkleR mouthCheekBlowL mouthCheekBlowR mouthLeft mouthRight " +
            "mouthUpperLipRaiseL mouthUpperLipRaiseR mouthLowerLipDepressL mouthLowerLipDepressR mouthCornerPullL mouthCornerPullR mouthStretchL mouthStretchR mouthDimpleL mouthDimpleR mouthCornerDepressL mouthCornerDepressR " +
            "mouthLipsPurseUL mouthLipsPurseUR mouthLipsPurseDL mouthLipsPurseDR mouthFunnelUL mouthFunnelUR mouthFunnelDL mouthFunnelDR mouthLipsTogetherUL mouthLipsTogetherUR mouthLipsTogetherDL mouthLipsTogetherDR " +
            "mouthPressUL mouthPressUR mouthPressDL mouthPressDR mouthUpperLipRollInL mouthUpperLipRollInR mouthLowerLipRollInL mouthLowerLipRollInR jawOpen jawLeft jawRight jawFwd jawChinRaiseDL jawChinRaiseDR jawChinRaiseUL jawChinRaiseUR tongueOut";

        static string[] Words(string names, string prefix = "") => names.Split(' ').Select(name => prefix + name).ToArray();

        static string[] Rocketbox() =>
            FaceNames.Arkit.OrderBy(name => name).Select((name, at) => "blendShape1.AK_" + (at + 1).ToString("00") + "_" + char.ToUpperInvariant(name[0]) + name.Substring(1)).ToArray();

        // What each shape gets when one channel is full.
        static string Shown(string profile, string[] shapes, string channel)
        {
            string[] channels = profile == "arkit52" ? FaceNames.Arkit : profile == "vrm" ? FaceNames.Vrm : FaceNames.Oculus;
            float[] weights = new float[channels.Length], into = new float[shapes.Length];
            weights[Array.IndexOf(channels, channel)] = 1;
            FaceMap.Build(profile, channels, shapes).Apply(weights, into);
            return string.Join(" ", shapes.Where((_, shape) => into[shape] > 0));
        }

        static void Finds(string[] shapes, string profile, int least, params string[] pairs)
        {
            Assert.AreEqual(profile, FaceMap.Detect(shapes, out int matched));
            Assert.IsTrue(matched >= least, matched + " channels");
            foreach (string pair in pairs)
            {
                string[] sides = pair.Split('=');
                Assert.AreEqual(sides[1], Shown(profile, shapes, sides[0]), sides[0]);
            }
        }

        [TestCase("")]
        [TestCase("Facial_Blends.")]
        public void MixamoAndFuse(string prefix) => Finds(Words(Fuse, prefix), "arkit52", 32, "eyeBlinkLeft=" + prefix + "Blink_Left", "jawOpen=" + prefix + "MouthOpen",
            "mouthSmileRight=" + prefix + "Smile_Right", "mouthPucker=" + prefix + "MouthNarrow_Left " + prefix + "MouthNarrow_Right", "browOuterUpLeft=" + prefix + "BrowsUp_Left");

        [Test]
        public void MetaHumans()
        {
            string[] shapes = Words(MetaHuman, "CTRL_expressions_");
            Finds(shapes, "arkit52", 52, "jawOpen=CTRL_expressions_jawOpen", "eyeLookOutLeft=CTRL_expressions_eyeLookLeftL", "eyeLookInRight=CTRL_expressions_eyeLookLeftR", "mouthSmileLeft=CTRL_expressions_mouthCornerPullL",
                "mouthPressRight=CTRL_expressions_mouthPressUR CTRL_expressions_mouthPressDR", "noseSneerLeft=CTRL_expressions_noseWrinkleL");
            Assert.IsFalse(FaceMap.Build("arkit52", FaceNames.Arkit, shapes).SealsByJaw, "their lips close by themselves");
        }

        [TestCase("Genesis8Female__eCTRL")]
        [TestCase("head__eCTRL")]
        [TestCase("Genesis9__facs_ctrl_")]
        public void DazVisemes(string prefix) => Finds(Words("vAA vEE vEH vER vF vIH vIY vK vL vM vOW vS vSH vT vTH vUW vW EyesClosedL EyesClosedR MouthOpen MouthSmile", prefix), "oculus15", 14,
            "aa=" + prefix + "vAA", "PP=" + prefix + "vM", "CH=" + prefix + "vSH", "ou=" + prefix + "vUW");

        [TestCase("Genesis9__facs_bs_", "")]
        [TestCase("facs_bs_", "_div2")]
        public void DazFacs(string prefix, string suffix)
        {
            string[] shapes = FaceNames.Arkit.Where(name => !name.StartsWith("eyeWide")).Select(name => prefix + char.ToUpperInvariant(name[0]) + name.Substring(1) + suffix)
                .Concat(new[] { "EyelidOpenUpperLeft", "EyelidOpenLowerLeft", "EyelidOpenUpperRight", "EyelidOpenLowerRight" }.Select(name => prefix + name + suffix)).ToArray();
            Finds(shapes, "arkit52", 52, "eyeBlinkLeft=" + prefix + "EyeBlinkLeft" + suffix, "eyeWideRight=" + prefix + "EyelidOpenUpperRight" + suffix + " " + prefix + "EyelidOpenLowerRight" + suffix);
        }

        [Test]
        public void RocketboxArkit()
        {
            string[] shapes = Rocketbox();
            Finds(shapes, "arkit52", 52, "jawOpen=" + shapes.Single(name => name.EndsWith("_JawOpen")), "eyeBlinkRight=" + shapes.Single(name => name.EndsWith("_EyeBlinkRight")));
        }

        [Test]
        public void RocketboxVisemes() => Finds(Words("Sil PP FF TH DD KK CH SS nn RR aa E I O U").Select((name, at) => "blendShape1.AA_VI_" + at.ToString("00") + "_" + name).ToArray(), "oculus15", 15,
            "aa=blendShape1.AA_VI_10_aa", "ou=blendShape1.AA_VI_14_U", "kk=blendShape1.AA_VI_05_KK");

        [Test]
        public void UnityChan()
        {
            // Three meshes: mouth, eyes with lashes, brows.
            string[] mouth = Words("MTH_SMILE1 MTH_SMILE2 MTH_SAP MTH_CONF MTH_ANG1 MTH_ANG2 MTH_A MTH_I MTH_U MTH_E MTH_O", "blendShape1.");
            string[] eyes = Words("EYE_SMILE1 EYE_SMILE2 EYE_ANG1 EYE_SAP EYE_CONF EYE_DEF_C", "blendShape2."), brows = Words("BLW_SMILE1 BLW_SMILE2 BLW_ANG1 BLW_ANG2 BLW_CONF BLW_SAP", "blendShape3.");
            Assert.AreEqual("vrm", FaceMap.Detect(mouth.Concat(eyes).Concat(brows).ToArray(), out _));
            Assert.AreEqual("blendShape1.MTH_U", Shown("vrm", mouth, "ou"));
            Assert.AreEqual("blendShape2.EYE_DEF_C", Shown("vrm", eyes, "blink"));
            Assert.AreEqual("blendShape3.BLW_ANG1", Shown("vrm", brows, "angry"));
        }

        [Test]
        public void MikuMikuDance() => Finds(Words("あ い う え お まばたき 笑い ウィンク ウィンク右 びっくり 怒り 困る にこり なごみ 上 下"), "vrm", 13, "aa=あ", "oh=お", "blink=まばたき", "blinkRight=ウィンク右", "happy=にこり", "angry=怒り");

        [Test]
        public void AHatIsNoFace()
        {
            Assert.AreEqual("none", FaceMap.Detect(Words("feather brim.up band Ribbon_L Ribbon_R"), out _));
        }
    }
}
