#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class QuestPushToTalkMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample Quest Push-to-Talk")]
        public static void Build() => DemoScenes.Create("Sample Quest Push-to-Talk", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 1.1f), 180, SetupDoctorSettings.Url, material);
            Camera camera = Camera.main;
            camera.gameObject.AddComponent<HeadsetCamera>();
            GameObject made = cast.Client.gameObject;
            QuestPushToTalk talk = made.AddComponent<QuestPushToTalk>();
            talk.Board = DemoStage.Label(made, "Status", new Vector3(0, DemoStage.EyeHeight + 0.26f, 0));
            return made;
        });
    }
}
