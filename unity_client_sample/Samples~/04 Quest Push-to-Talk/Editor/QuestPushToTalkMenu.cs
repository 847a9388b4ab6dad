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
            GameObject board = new GameObject("Status");
            board.transform.SetParent(made.transform, false);
            board.transform.localPosition = new Vector3(0, DemoStage.EyeHeight + 0.26f, 0);
            board.transform.localRotation = Quaternion.Euler(0, 180, 0);
            TextMesh text = board.AddComponent<TextMesh>();
            text.anchor = TextAnchor.LowerCenter;
            text.alignment = TextAlignment.Center;
            text.characterSize = 0.004f;
            text.fontSize = 60;
            talk.Board = text;
            return made;
        });
    }
}
