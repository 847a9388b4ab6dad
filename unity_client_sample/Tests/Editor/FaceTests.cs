using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class FaceTests
    {
        static string[] Renamed(Func<string, string> rename) => Array.ConvertAll(FaceNames.Arkit, name => rename(name));

        static string Sided(string name, string left, string right) =>
            name.EndsWith("Left", StringComparison.Ordinal) ? name.Substring(0, name.Length - 4) + left : name.EndsWith("Right", StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) + right : name;

        [TestCase("plain")]
        [TestCase("blendShape2.")]
        [TestCase("pascal")]
        [TestCase("suffix")]
        [TestCase("snake")]
        [TestCase("prefix")]
        public void ArkitIsFoundWhateverItIsCalled(string style)
        {
            string[] shapes = Renamed(name =>
            {
                switch (style)
                {
                    case "blendShape2.": return "blendShape2." + name;
                    case "pascal": return char.ToUpperInvariant(name[0]) + name.Substring(1);
                    case "suffix": return Sided(name, "_L", "_R");
                    case "snake": return "Head_mesh." + System.Text.RegularExpressions.Regex.Replace(name, "([A-Z])", "_$1").ToLowerInvariant();
                    case "prefix": return name.EndsWith("Left", StringComparison.Ordinal) ? "L_" + Sided(name, "", "") : name.EndsWith("Right", StringComparison.Ordinal) ? "R_" + Sided(name, "", "") : name;
                    default: return name;
                }
            });
            FaceMap map = FaceMap.Build("arkit52", FaceNames.Arkit, shapes);
            Assert.AreEqual(52, map.Matched, string.Join(" ", map.Missing));
            foreach (FaceBinding each in map.Bindings) Assert.AreEqual(each.Channel, each.Shape);
            Assert.AreEqual("arkit52", FaceMap.Detect(shapes, out int matched));
            Assert.AreEqual(52, matched);
        }

        [Test]
        public void ReallusionIsFound()
        {
            string[] shapes = ("Eye_Blink_L Eye_Blink_R Eye_L_Look_Up Eye_L_Look_Down Eye_L_Look_L Eye_L_Look_R Eye_R_Look_Up Eye_R_Look_Down Eye_R_Look_L Eye_R_Look_R " +
                "Eye_Squint_L Eye_Squint_R Eye_Wide_L Eye_Wide_R Jaw_Forward Jaw_L Jaw_R Jaw_Open Mouth_Close Mouth_Funnel_Up_L Mouth_Funnel_Up_R Mouth_Funnel_Down_L Mouth_Funnel_Down_R " +
                "Mouth_Pucker_Up_L Mouth_Pucker_Up_R Mouth_Pucker_Down_L Mouth_Pucker_Down_R Mouth_L Mouth_R Mouth_Smile_L Mouth_Smile_R Mouth_Frown_L Mouth_Frown_R Mouth_Dimple_L Mouth_Dimple_R " +
                "Mouth_Stretch_L Mouth_Stretch_R Mouth_Roll_In_Lower_L Mouth_Roll_In_Lower_R Mouth_Roll_In_Upper_L Mouth_Roll_In_Upper_R Mouth_Shrug_Lower Mouth_Shrug_Upper Mouth_Press_L Mouth_Press_R " +
                "Mouth_Down_Lower_L Mouth_Down_Lower_R Mouth_Up_Upper_L Mouth_Up_Upper_R Brow_Drop_L Brow_Drop_R Brow_Raise_Inner_L Brow_Raise_Inner_R Brow_Raise_Outer_L Brow_Raise_Outer_R " +
                "Cheek_Puff_L Cheek_Puff_R Cheek_Raise_L Cheek_Raise_R Nose_Sneer_L Nose_Sneer_R Tongue_Out V_Open V_Explosive").Split(' ');
            FaceMap map = FaceMap.Build("arkit52", FaceNames.Arkit, shapes);
            Assert.AreEqual("", string.Join(" ", map.Missing));
            float[] weights = new float[52], into = new float[shapes.Length];
            weights[Array.IndexOf(FaceNames.Arkit, "mouthFunnel")] = 0.5f;
            weights[Array.IndexOf(FaceNames.Arkit, "eyeLookOutLeft")] = 0.25f;
            map.Apply(weights, into);
            Assert.AreEqual(0.5f, into[Array.IndexOf(shapes, "Mouth_Funnel_Down_R")]);
            Assert.AreEqual(0.25f, into[Array.IndexOf(shapes, "Eye_L_Look_L")]);
        }

        [TestCase("viseme_sil viseme_PP viseme_FF viseme_TH viseme_DD viseme_kk viseme_CH viseme_SS viseme_nn viseme_RR viseme_aa viseme_E viseme_I viseme_O viseme_U mouthSmile")]
        [TestCase("vrc.v_sil vrc.v_pp vrc.v_ff vrc.v_th vrc.v_dd vrc.v_kk vrc.v_ch vrc.v_ss vrc.v_nn vrc.v_rr vrc.v_aa vrc.v_e vrc.v_ih vrc.v_oh vrc.v_ou")]
        [TestCase("EE Er IH Ah Oh W_OO S_Z Ch_J F_V TH T_L_D_N B_M_P K_G_H_NG AE R viseme_sil")]
        public void VisemesAreFound(string names)
        {
            string[] shapes = names.Split(' ');
            Assert.AreEqual("oculus15", FaceMap.Detect(shapes, out int matched));
            Assert.AreEqual(15, matched);
        }

        [Test]
        public void VrmIsFound()
        {
            Assert.AreEqual("vrm", FaceMap.Detect(FaceNames.Vrm, out int matched));
            Assert.AreEqual(18, matched);
            Assert.AreEqual("vrm", FaceMap.Detect("Fcl_MTH_A Fcl_MTH_I Fcl_MTH_U Fcl_MTH_E Fcl_MTH_O Fcl_EYE_Close Fcl_EYE_Close_L Fcl_EYE_Close_R Fcl_ALL_Joy Fcl_ALL_Angry Fcl_ALL_Sorrow Fcl_ALL_Fun Fcl_ALL_Surprised".Split(' '), out _));
        }

        [Test]
        public void HalfTheNamesDriveWhatIsThereAndTheRestIsTold()
        {
            string[] shapes = { "jawOpen", "mouthSmile_L", "something" };
            FaceMap map = FaceMap.Build("arkit52", FaceNames.Arkit, shapes);
            Assert.AreEqual(2, map.Matched);
            Assert.AreEqual(50, map.Missing.Count);
            Assert.IsFalse(map.Drives(2));
            Assert.AreEqual("none", FaceMap.Detect(new[] { "a", "b" }, out _));
            Assert.AreEqual(0, FaceMap.Build("none", new string[0], shapes).Matched);
        }

        [Test]
        public void WithoutMouthCloseTheJawSealsTheLips()
        {
            FaceMap map = FaceMap.Build("arkit52", FaceNames.Arkit, new[] { "jawOpen" });
            Assert.IsTrue(map.SealsByJaw);
            float[] weights = new float[52], into = new float[1];
            weights[Array.IndexOf(FaceNames.Arkit, "jawOpen")] = 0.3f;
            weights[Array.IndexOf(FaceNames.Arkit, "mouthClose")] = 0.3f;
            map.Apply(weights, into);
            Assert.AreEqual(0f, into[0]);
            map = FaceMap.Build("arkit52", FaceNames.Arkit, FaceNames.Arkit, null, LipSeal.Jaw);
            into = new float[52];
            map.Apply(weights, into);
            Assert.AreEqual(0f, into[Array.IndexOf(FaceNames.Arkit, "mouthClose")]);
            float[] teeth = new float[1];
            FaceMap.Build("arkit52", FaceNames.Arkit, new[] { "jawOpen" }, null, LipSeal.Shape).Apply(weights, teeth);
            Assert.AreEqual(0.3f, teeth[0], "teeth follow the jaw where the head closes its lips");
            Assert.AreEqual(0f, into[Array.IndexOf(FaceNames.Arkit, "jawOpen")]);
        }

        [Test]
        public void AChoiceOverrules()
        {
            List<FaceChoice> choices = new List<FaceChoice>
            {
                new FaceChoice { Channel = "jawOpen", Shape = "MyMouth", Gain = 0.5f }, new FaceChoice { Channel = "mouthSmileLeft", Shape = "" },
            };
            FaceMap map = FaceMap.Build("arkit52", FaceNames.Arkit, new[] { "jawOpen", "MyMouth", "mouthSmileLeft" }, choices);
            float[] weights = new float[52], into = new float[3];
            for (int index = 0; index < 52; index++) weights[index] = FaceNames.Arkit[index] == "mouthClose" ? 0 : 1;
            map.Apply(weights, into);
            Assert.AreEqual(new[] { 0f, 0.5f, 0f }, into);
        }

        [Test]
        public void EmotionsEaseInAndUnknownOnesAreToldOnce()
        {
            Emotion emotion = new Emotion();
            Assert.IsTrue(emotion.Feel("joy", 1));
            Assert.AreEqual("happy", emotion.Name);
            int cheek = Array.IndexOf(FaceNames.Arkit, "cheekSquintLeft"), smile = Array.IndexOf(FaceNames.Arkit, "mouthSmileLeft");
            emotion.Step(0.1);
            float soon = emotion.Weight(cheek, false);
            for (int index = 0; index < 100; index++) emotion.Step(0.1);
            Assert.Less(soon, 0.2);
            Assert.AreEqual(0.5, emotion.Weight(cheek, false), 0.01);
            Assert.Less(emotion.Weight(smile, true), emotion.Weight(smile, false));
            Assert.IsFalse(emotion.Feel("flabbergasted", 1));
            Assert.IsTrue(emotion.Feel("flabbergasted", 1));
            Assert.AreEqual("happy", emotion.Name);
        }

        [Test]
        public void BlinksAreSeededAndHuman()
        {
            Blinks one = new Blinks(4), other = new Blinks(4);
            int count = 0;
            bool shut = false;
            double longest = 0, run = 0;
            for (int frame = 0; frame < 72 * 120; frame++)
            {
                float lid = one.Step(1 / 72.0);
                Assert.AreEqual(lid, other.Step(1 / 72.0));
                Assert.IsTrue(lid >= 0 && lid <= 1);
                if (lid > 0.9f && !shut) count++;
                shut = lid > 0.9f;
                run = lid > 0 ? run + 1 / 72.0 : 0;
                longest = Math.Max(longest, run);
            }
            Assert.IsTrue(count > 20 && count < 70, count + " blinks in two minutes");
            Assert.Less(longest, 0.5);
        }

        [Test]
        public void EyesLeadAndTheHeadFollows()
        {
            Gaze gaze = new Gaze(1);
            for (int frame = 0; frame < 6; frame++) gaze.Step(1 / 72.0, true, 0.4, 0, CompanionState.Listening);
            Assert.Greater(gaze.EyeYaw, 0.2);
            Assert.Less(gaze.HeadYaw, 0.1);
            for (int frame = 0; frame < 100; frame++) gaze.Step(1 / 72.0, true, 0.4, 0, CompanionState.Listening);
            Assert.Greater(gaze.HeadYaw, 0.1);
            Assert.AreEqual(0.4, gaze.HeadYaw + gaze.EyeYaw, 0.12);
            for (int frame = 0; frame < 1000; frame++) gaze.Step(1 / 72.0, true, 3, -3, CompanionState.Thinking);
            Assert.Less(Math.Abs(gaze.HeadYaw), 0.701);
            Assert.Less(Math.Abs(gaze.EyePitch), 0.53);
        }

        [Test]
        public void LookingToItsOwnLeftTheLeftEyeLooksOut()
        {
            FaceFormat face = new FaceFormat("arkit52", 60, FaceNames.Arkit, new double[52], Array.ConvertAll(FaceNames.Arkit, name => 1.0));
            Gaze gaze = new Gaze(1);
            for (int frame = 0; frame < 8; frame++) gaze.Step(1 / 72.0, true, 0.5, 0, CompanionState.Listening);
            float[] weights = new float[52];
            gaze.Write(weights, Gaze.EyeChannels(face), 1);
            Assert.Greater(weights[face.IndexOf("eyeLookOutLeft")], 0.4);
            Assert.Greater(weights[face.IndexOf("eyeLookInRight")], 0.4);
            Assert.AreEqual(0f, weights[face.IndexOf("eyeLookInLeft")]);
        }
    }
}
