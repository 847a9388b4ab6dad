#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Builds the scene of this sample.</summary>
    public static class ToolCallsMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample Tool Calls")]
        public static void Build() => DemoScenes.Create("Sample Tool Calls", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.95f), 180, SetupDoctorSettings.Url, material);
            GameObject made = cast.Client.gameObject;
            CharacterSetup.AddKey(made);
            made.AddComponent<DemoPanel>();
            LampTools lamps = made.AddComponent<LampTools>();
            for (int at = 0; at < LampTools.Names.Length; at++)
            {
                GameObject bulb = GameObject.CreatePrimitive(PrimitiveType.Sphere);
                bulb.name = LampTools.Names[at] + " lamp";
                bulb.transform.position = new Vector3(-0.30f + 0.30f * at, DemoStage.EyeHeight + 0.24f, 1.1f);
                bulb.transform.localScale = new Vector3(0.08f, 0.08f, 0.08f);
                Light light = new GameObject("Light").AddComponent<Light>();
                light.transform.SetParent(bulb.transform, false);
                light.type = LightType.Point;
                light.range = 2;
                light.color = LampTools.Colours[at];
                light.enabled = false;
                lamps.Lamps.Add(light);
            }
            GameObject door = GameObject.CreatePrimitive(PrimitiveType.Cube);
            door.name = "Door";
            door.transform.position = new Vector3(0.62f, DemoStage.EyeHeight - 0.35f, 1.4f);
            door.transform.localScale = new Vector3(0.35f, 0.9f, 0.03f);
            lamps.Door = door.transform;
            return made;
        });
    }
}
