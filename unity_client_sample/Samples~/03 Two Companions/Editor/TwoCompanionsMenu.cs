#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class TwoCompanionsMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample Two Companions")]
        public static void Build() => DemoScenes.Create("Sample Two Companions", material =>
        {
            DemoCast left = DemoStage.Companion("Left Companion", new Vector3(-0.34f, 0, 1.15f), 165, SetupDoctorSettings.Url, material);
            DemoCast right = DemoStage.Companion("Right Companion", new Vector3(0.34f, 0, 1.15f), 195, SetupDoctorSettings.Url, material);
            GameObject made = new GameObject("Two Companions");
            TwoCompanions talk = made.AddComponent<TwoCompanions>();
            talk.Add(left.Client, left.Microphone);
            talk.Add(right.Client, right.Microphone);
            return made;
        });
    }
}
