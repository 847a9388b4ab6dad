#nullable enable
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>Puts this sample's companion into the open scene, which has the toolkit's rig.</summary>
    public static class InteractionMenu
    {
        [MenuItem("Tools/Companion Bridge/Samples/Sample XR Interaction Toolkit")]
        public static void Build()
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 1.2f), 180, SetupDoctorSettings.Url, DemoScenes.HeadMaterial());
            GameObject made = cast.Client.gameObject;
            Undo.RegisterCreatedObjectUndo(made, "Create Companion");
            CapsuleCollider collider = made.AddComponent<CapsuleCollider>();
            collider.center = new Vector3(0, 1.2f, 0);
            collider.height = 1.2f;
            collider.radius = 0.25f;
            made.AddComponent<TalkOnSelect>();
            Selection.activeGameObject = made;
            if (Camera.main == null) Debug.LogWarning("[Companion] The scene has no camera: add GameObject > XR > XR Origin (VR).");
        }
    }
}
