#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.XR.ARFoundation;

namespace CompanionBridge.Samples
{
    /// <summary>Puts this sample's companion into the open scene, which has AR Foundation's session and origin.</summary>
    public static class ARMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample AR Foundation")]
        public static void Build()
        {
            ARCameraManager[] cameras = SceneObjects.All<ARCameraManager>();
            if (cameras.Length == 0)
            {
                EditorUtility.DisplayDialog("Companion Bridge", "The open scene has no AR camera. Add GameObject > XR > AR Session and GameObject > XR > XR Origin (Mobile AR), delete the old Main Camera, and choose this menu again.", "OK");
                return;
            }
            GameObject origin = cameras[0].transform.root.gameObject;
            if (origin.GetComponent<ARPlaneManager>() == null) Undo.AddComponent<ARPlaneManager>(origin);
            if (origin.GetComponent<ARRaycastManager>() == null) Undo.AddComponent<ARRaycastManager>(origin);
            if (cameras[0].GetComponent<AudioListener>() == null) Undo.AddComponent<AudioListener>(cameras[0].gameObject);
            cameras[0].requestedLightEstimation = LightEstimation.AmbientIntensity | LightEstimation.AmbientColor | LightEstimation.MainLightDirection | LightEstimation.MainLightIntensity;
            DemoCast cast = DemoStage.Companion("Companion", Vector3.zero, 180, SetupDoctorSettings.Url, DemoScenes.HeadMaterial());
            GameObject companion = cast.Client.gameObject;
            Undo.RegisterCreatedObjectUndo(companion, "Create Companion");
            companion.SetActive(false); // until it is placed: it then connects and says hello
            ARCompanion placer = origin.GetComponent<ARCompanion>();
            if (placer == null) placer = Undo.AddComponent<ARCompanion>(origin);
            placer.Client = cast.Client;
            Light[] lights = SceneObjects.All<Light>();
            Light sun = lights.Length > 0 ? lights[0] : DemoStage.Light();
            if (sun.GetComponent<RoomLight>() == null) Undo.AddComponent<RoomLight>(sun.gameObject).Camera = cameras[0];
            Selection.activeGameObject = origin;
        }
    }
}
