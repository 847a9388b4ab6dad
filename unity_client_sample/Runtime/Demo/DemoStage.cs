#nullable enable
using System;
using UnityEngine;
using Object = UnityEngine.Object;

namespace CompanionBridge.Demo
{
    /// <summary>What a demo companion is made of.</summary>
    public sealed class DemoCast
    {
        public DemoCast(CompanionClient client, CompanionMicrophone microphone, CompanionSubtitles subtitles, DemoHead head)
        {
            Client = client;
            Microphone = microphone;
            Subtitles = subtitles;
            Head = head;
        }

        public CompanionClient Client { get; }
        public CompanionMicrophone Microphone { get; }
        public CompanionSubtitles Subtitles { get; }
        public DemoHead Head { get; }
    }

    /// <summary>Builds scenes in code, in the editor or while the game runs: camera, light, and companions with the demo head.</summary>
    public static class DemoStage
    {
        /// <summary>Height of the eyes of who stands, m.</summary>
        public const float EyeHeight = 1.6f;

        /// <summary>A camera with the scene's AudioListener, looking at a face before it.</summary>
        public static Camera Camera()
        {
            GameObject made = new GameObject("Main Camera") { tag = "MainCamera" };
            Camera camera = made.AddComponent<Camera>();
            made.AddComponent<AudioListener>();
            camera.clearFlags = CameraClearFlags.SolidColor;
            camera.backgroundColor = new Color(0.16f, 0.19f, 0.24f);
            camera.fieldOfView = 35;
            camera.nearClipPlane = 0.05f;
            made.transform.position = new Vector3(0, EyeHeight, 0);
            return camera;
        }

        public static Light Light()
        {
            Light light = new GameObject("Light").AddComponent<Light>();
            light.type = LightType.Directional;
            light.intensity = 1.1f;
            light.color = new Color(1, 0.97f, 0.92f);
            light.transform.rotation = Quaternion.Euler(35, -25, 0);
            return light;
        }

        /// <summary>
        /// A companion that stands at <paramref name="feet"/> and faces along <paramref name="turn"/> degrees about y (180 looks
        /// back at a camera that looks along z). Everything is set before it wakes; <paramref name="prepare"/> may set more.
        /// </summary>
        public static DemoCast Companion(string name, Vector3 feet, float turn, string url, Material? material = null, Action<CompanionClient>? prepare = null)
        {
            GameObject body = new GameObject(name);
            body.SetActive(false);
            body.transform.position = feet;
            body.transform.rotation = Quaternion.Euler(0, turn, 0);

            GameObject skull = Child(body, "Head", new Vector3(0, EyeHeight, 0));
            skull.AddComponent<SkinnedMeshRenderer>();
            DemoHead head = skull.AddComponent<DemoHead>();
            head.Material = material;
            Trunk(body);

            CompanionClient client = body.AddComponent<CompanionClient>();
            client.Url = url;
            body.AddComponent<CompanionFace>();
            CompanionGaze gaze = body.AddComponent<CompanionGaze>();
            gaze.Head = skull.transform;
            CompanionMicrophone microphone = body.AddComponent<CompanionMicrophone>();
            body.AddComponent<CompanionIdentity>();
            CompanionSubtitles subtitles = body.AddComponent<CompanionSubtitles>();
            subtitles.CompanionText = Words(body);

            AudioSource source = Child(body, "Voice", new Vector3(0, EyeHeight - 0.07f, 0.1f)).AddComponent<AudioSource>();
            source.playOnAwake = false;
            source.spatialBlend = 1;
            source.minDistance = 0.8f;
            source.maxDistance = 20;
            source.rolloffMode = AudioRolloffMode.Logarithmic;
            source.gameObject.AddComponent<CompanionVoice>();

            prepare?.Invoke(client);
            body.SetActive(true);
            return new DemoCast(client, microphone, subtitles, head);
        }

        static GameObject Child(GameObject parent, string name, Vector3 at)
        {
            GameObject made = new GameObject(name);
            made.transform.SetParent(parent.transform, false);
            made.transform.localPosition = at;
            return made;
        }

        static void Trunk(GameObject body)
        {
            GameObject trunk = GameObject.CreatePrimitive(PrimitiveType.Capsule);
            trunk.name = "Body";
            Collider collider = trunk.GetComponent<Collider>();
            if (Application.isPlaying) Object.Destroy(collider);
            else Object.DestroyImmediate(collider);
            trunk.transform.SetParent(body.transform, false);
            trunk.transform.localPosition = new Vector3(0, EyeHeight - 0.57f, -0.02f);
            trunk.transform.localScale = new Vector3(0.40f, 0.42f, 0.22f);
        }

        static TextMesh Words(GameObject body)
        {
            TextMesh text = Label(body, "Subtitles", new Vector3(0, EyeHeight - 0.24f, 0.22f));
            text.anchor = TextAnchor.UpperCenter;
            return text;
        }

        /// <summary>A line of text before a character, for who looks into its face.</summary>
        public static TextMesh Label(GameObject character, string name, Vector3 at)
        {
            GameObject board = Child(character, name, at);
            // Text reads along z; the character faces its reader.
            board.transform.localRotation = Quaternion.Euler(0, 180, 0);
            TextMesh text = board.AddComponent<TextMesh>();
            text.font = Resources.GetBuiltinResource<Font>("LegacyRuntime.ttf");
            // A TextMesh that is made by a script has no material of its own.
            board.GetComponent<MeshRenderer>().sharedMaterial = text.font.material;
            text.anchor = TextAnchor.LowerCenter;
            text.alignment = TextAlignment.Center;
            text.characterSize = 0.0035f;
            text.fontSize = 60;
            text.color = Color.white;
            return text;
        }
    }
}
