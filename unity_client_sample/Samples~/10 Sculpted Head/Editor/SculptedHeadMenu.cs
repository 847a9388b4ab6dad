#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class SculptedHeadMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample Sculpted Head")]
        public static void Build() => DemoScenes.Create("Sample Sculpted Head", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.85f), 180, SetupDoctorSettings.Url, material);
            GameObject made = cast.Client.gameObject;
            CharacterSetup.AddKey(made);
            made.AddComponent<DemoPanel>();
            SculptedHead head = made.AddComponent<SculptedHead>();
            head.Instead.Add(cast.Head.gameObject);
            head.Instead.Add(made.transform.Find("Body").gameObject);
            return made;
        });
    }
}
