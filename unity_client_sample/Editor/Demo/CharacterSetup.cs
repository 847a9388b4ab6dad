#nullable enable
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Gives the selected character everything that it needs to talk; what it has already is left as it is.</summary>
    public static class CharacterSetup
    {
        const string Menu = "GameObject/Companion/Make Selected Character Talk";

        [MenuItem(Menu, true)]
        static bool CanMake() => Selection.activeGameObject != null;

        [MenuItem(Menu, priority = 0)]
        static void Make()
        {
            GameObject character = Selection.activeGameObject;
            if (character == null) return;
            Debug.Log("[Companion] " + Add(character, SetupDoctorSettings.Url));
        }

        /// <summary>Add the components; what was found, as a sentence.</summary>
        public static string Add(GameObject character, string url)
        {
            bool had = character.GetComponentInChildren<CompanionClient>(true) != null;
            CompanionClient client = Ensure<CompanionClient>(character);
            if (!had) client.Url = url;
            CompanionFace face = Ensure<CompanionFace>(character);
            CompanionGaze gaze = Ensure<CompanionGaze>(character);
            Ensure<CompanionMicrophone>(character);
            AddKey(character);
            Ensure<CompanionSubtitles>(character);
            Transform? head = Bones.Head(character);
            if (gaze.Head == null && head != null) gaze.Head = head;
            bool shapes = face.BestProfile() != "none" && face.Jaw == null;
            Transform? jaw = shapes ? null : Bones.Jaw(character);
            if (face.Jaw == null && jaw != null) face.Jaw = jaw;
            if (character.GetComponentInChildren<CompanionVoice>(true) == null) Voice(head != null ? head : character.transform);
            EditorUtility.SetDirty(character);
            string profile = face.BestProfile();
            int meshes = face.Renderers().Count;
            if (profile == "none") return character.name + " has no face shapes that are known (" + meshes + " meshes with blend shapes): choose them by hand in the Companion Face, or give it a jaw bone.";
            if (!shapes) return character.name + " has no face shapes that are known: its jaw, " + face.Jaw!.gameObject.name + ", opens with the voice. If it goes the wrong way, change Jaw Degrees of the Companion Face.";
            return character.name + " talks with the profile " + profile + " on " + meshes + " meshes" + (head == null ? "; no head bone was found, so the eyes alone look at the player." : ", head bone " + head.gameObject.name + ".");
        }

        /// <summary>Adds push-to-talk in another way than the old Input Manager's; set by an assembly for the Input System.</summary>
        public static System.Action<GameObject> AddKey { get; set; } = character => Ensure<CompanionPushToTalkKey>(character);

        static T Ensure<T>(GameObject character) where T : Component
        {
            T found = character.GetComponentInChildren<T>(true);
            return found != null ? found : Undo.AddComponent<T>(character);
        }

        static void Voice(Transform at)
        {
            GameObject voice = new GameObject("Voice");
            Undo.RegisterCreatedObjectUndo(voice, "Add Companion Voice");
            voice.transform.SetParent(at, false);
            AudioSource source = voice.AddComponent<AudioSource>();
            source.playOnAwake = false;
            source.spatialBlend = 1;
            source.minDistance = 0.8f;
            source.maxDistance = 20;
            voice.AddComponent<CompanionVoice>();
        }
    }
}
