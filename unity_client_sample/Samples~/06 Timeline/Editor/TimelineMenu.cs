#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.Playables;
using UnityEngine.Timeline;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class TimelineMenu
    {
        static readonly string[] Lines = { "The curtain rises on an empty stage.", "A bell rings twice behind the scene.", "The light goes out." };

        [MenuItem("Tools/Companion Bridge/Samples/Sample Timeline")]
        public static void Build() => DemoScenes.Create("Sample Timeline", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.85f), 180, SetupDoctorSettings.Url, material);
            cast.Client.Greet = false;
            TimelineAsset timeline = ScriptableObject.CreateInstance<TimelineAsset>();
            AssetDatabase.CreateAsset(timeline, AssetDatabase.GenerateUniqueAssetPath(DemoScenes.Folder + "/Sample Timeline.playable"));
            timeline.CreateMarkerTrack();
            for (int line = 0; line < Lines.Length; line++)
            {
                CompanionMarker marker = timeline.markerTrack.CreateMarker<CompanionMarker>(3 + 2 * line);
                marker.Text = Lines[line];
            }
            AssetDatabase.SaveAssets();
            GameObject made = cast.Client.gameObject;
            made.AddComponent<PlayableDirector>().playableAsset = timeline;
            made.AddComponent<TimelineCompanion>();
            return made;
        });
    }
}
