#nullable enable
using System;
using CompanionBridge.Demo;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;

namespace CompanionBridge.Editor
{
    /// <summary>Makes demo scenes in code, and the one material that they need, in the project's own assets.</summary>
    public static class DemoScenes
    {
        public const string Folder = "Assets/Companion Bridge Demo";
        const string MaterialPath = Folder + "/Demo Head.mat";

        [MenuItem("Tools/Companion Bridge/Create Demo Scene", priority = 0)]
        public static void CreateDemo() => Create("Talking Head", material =>
        {
            DemoCast cast = DemoStage.Companion("Companion", new Vector3(0, 0, 0.85f), 180, SetupDoctorSettings.Url, material);
            CharacterSetup.AddKey(cast.Client.gameObject);
            cast.Client.gameObject.AddComponent<DemoPanel>();
            cast.Client.gameObject.AddComponent<CompanionHud>();
            return cast.Client.gameObject;
        });

        /// <summary>
        /// A new scene with a camera, a light and what <paramref name="build"/> puts in; saved as <paramref name="name"/> in
        /// <see cref="Folder"/>. Nothing happens when the user does not want to leave the open scene.
        /// </summary>
        public static void Create(string name, Func<Material, GameObject> build)
        {
            if (!EditorSceneManager.SaveCurrentModifiedScenesIfUserWantsTo()) return;
            Scene scene = EditorSceneManager.NewScene(NewSceneSetup.EmptyScene, NewSceneMode.Single);
            DemoStage.Camera();
            DemoStage.Light();
            GameObject made = build(HeadMaterial());
            EditorSceneManager.MarkSceneDirty(scene);
            EditorSceneManager.SaveScene(scene, AssetDatabase.GenerateUniqueAssetPath(Folder + "/" + name + ".unity"));
            Selection.activeGameObject = made;
            Debug.Log("[Companion] Made the scene " + name + ". Start the bridge (companion serve) and press Play.");
        }

        [MenuItem("GameObject/Companion/Demo Companion", priority = 10)]
        static void Place(MenuCommand command)
        {
            DemoCast cast = DemoStage.Companion("Companion", Vector3.zero, 180, SetupDoctorSettings.Url, HeadMaterial());
            GameObjectUtility.SetParentAndAlign(cast.Client.gameObject, command.context as GameObject);
            Undo.RegisterCreatedObjectUndo(cast.Client.gameObject, "Create Companion");
            Selection.activeGameObject = cast.Client.gameObject;
        }

        /// <summary>The head's material for the project's render pipeline; made and saved on first use.</summary>
        public static Material HeadMaterial()
        {
            Material known = AssetDatabase.LoadAssetAtPath<Material>(MaterialPath);
            if (known != null) return known;
            if (!AssetDatabase.IsValidFolder(Folder)) AssetDatabase.CreateFolder("Assets", Folder.Substring("Assets/".Length));
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            Material source = pipeline != null ? pipeline.defaultMaterial : AssetDatabase.GetBuiltinExtraResource<Material>("Default-Material.mat");
            Material material = new Material(source) { name = "Demo Head" };
            Texture2D texture = DemoHead.Paint();
            AssetDatabase.CreateAsset(material, MaterialPath);
            AssetDatabase.AddObjectToAsset(texture, material);
            material.mainTexture = texture;
            material.color = Color.white;
            AssetDatabase.SaveAssets();
            return material;
        }
    }
}
