#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using TMPro;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class TextSubtitlesMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample TextMeshPro Subtitles")]
        public static void Build() => DemoScenes.Create("Sample TextMeshPro Subtitles", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.85f), 180, SetupDoctorSettings.Url, material);
            cast.Subtitles.enabled = false;
            GameObject made = cast.Client.gameObject;
            CharacterSetup.AddKey(made);
            made.AddComponent<DemoPanel>();
            Canvas canvas = new GameObject("Canvas").AddComponent<Canvas>();
            canvas.renderMode = RenderMode.ScreenSpaceOverlay;
            TextSubtitles subtitles = made.AddComponent<TextSubtitles>();
            subtitles.CompanionText = Line(canvas, "Companion", 150, 34);
            subtitles.UserText = Line(canvas, "You", 110, 24);
            return made;
        });

        static TMP_Text Line(Canvas canvas, string name, float up, float size)
        {
            GameObject line = new GameObject(name);
            line.transform.SetParent(canvas.transform, false);
            TextMeshProUGUI text = line.AddComponent<TextMeshProUGUI>();
            text.fontSize = size;
            text.alignment = TextAlignmentOptions.Center;
            RectTransform box = text.rectTransform;
            box.anchorMin = new Vector2(0.1f, 0);
            box.anchorMax = new Vector2(0.9f, 0);
            box.pivot = new Vector2(0.5f, 0);
            box.anchoredPosition = new Vector2(0, up);
            box.sizeDelta = new Vector2(0, 2.5f * size);
            return text;
        }
    }
}
