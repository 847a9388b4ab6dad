#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class TalkingHeadMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample Talking Head")]
        public static void Build() => DemoScenes.Create("Sample Talking Head", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.85f), 180, SetupDoctorSettings.Url, material);
            GameObject made = cast.Client.gameObject;
            CharacterSetup.AddKey(made);
            made.AddComponent<DemoPanel>();
            made.AddComponent<TalkingHead>().Lamp = GameObject.Find("Light").GetComponent<Light>();
            return made;
        });
    }
}
