#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class RoomMenu
    {
        const float Side = 5, Height = 2.7f, Circle = 1.3f; // m
        static readonly string[] Names = { "Ann", "Ben", "Cleo" };

        [MenuItem("Tools/Companion Bridge/Samples/Sample Room in VR")]
        public static void Build() => DemoScenes.Create("Sample Room in VR", material =>
        {
            Camera.main.gameObject.AddComponent<HeadsetCamera>();
            Camera.main.fieldOfView = 60;
            GameObject room = new GameObject("Room");
            Wall(room, "Floor", new Vector3(0, -0.05f, 0), new Vector3(Side, 0.1f, Side));
            Wall(room, "Back", new Vector3(0, Height / 2, Side / 2), new Vector3(Side, Height, 0.1f));
            Wall(room, "Left", new Vector3(-Side / 2, Height / 2, 0), new Vector3(0.1f, Height, Side));
            Wall(room, "Right", new Vector3(Side / 2, Height / 2, 0), new Vector3(0.1f, Height, Side));
            RoomTalk talk = room.AddComponent<RoomTalk>();
            for (int at = 0; at < Names.Length; at++)
            {
                float turn = 40 * (at - 1);
                Vector3 feet = Quaternion.Euler(0, turn, 0) * new Vector3(0, 0, Circle);
                DemoCast cast = DemoStage.Companion(Names[at], feet, 180 + turn, SetupDoctorSettings.Url, material, client => client.Greet = client.name == Names[1]);
                talk.Add(cast.Client, cast.Microphone);
            }
            return room;
        });

        static void Wall(GameObject room, string name, Vector3 at, Vector3 size)
        {
            GameObject wall = GameObject.CreatePrimitive(PrimitiveType.Cube);
            wall.name = name;
            wall.transform.SetParent(room.transform, false);
            wall.transform.localPosition = at;
            wall.transform.localScale = size;
        }
    }
}
