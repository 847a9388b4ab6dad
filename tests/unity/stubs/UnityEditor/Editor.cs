// The part of UnityEditor that the package uses, written by hand from Unity's documentation: it compiles the editor layer and,
// where members have a body, lets its decisions be executed.
using System;
using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName) { menuItem = itemName; }
        public MenuItem(string itemName, bool isValidateFunction) { menuItem = itemName; validate = isValidateFunction; }
        public string menuItem;
        public bool validate;
        public int priority;
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class InitializeOnLoadAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } }

    public sealed class MenuCommand
    {
        public MenuCommand(Object inContext) { context = inContext; }
        public Object context;
    }

    public enum MessageType { None, Info, Warning, Error }

    public class Editor : ScriptableObject
    {
        public Object target { get; set; } = null!;
        public SerializedObject serializedObject => new SerializedObject(target);
        public virtual void OnInspectorGUI() { }
        public bool DrawDefaultInspector() => false;
        public void Repaint() { }
    }

    public class EditorWindow : ScriptableObject
    {
        public static T GetWindow<T>(string title) where T : EditorWindow => Activator.CreateInstance<T>();
        public void Repaint() { }
    }

    public sealed class SerializedObject : IDisposable
    {
        readonly Object _of;

        public SerializedObject(Object obj) { _of = obj; }

        public SerializedProperty FindProperty(string propertyPath) => Project.Property(_of, propertyPath);
        public bool ApplyModifiedProperties() => true;
        public void Dispose() { }
    }

    public sealed class SerializedProperty
    {
        internal SerializedProperty() { }

        public bool boolValue { get; set; }
        public int intValue { get; set; }
        public string stringValue { get; set; } = "";
    }

    public sealed class Selection
    {
        public static GameObject activeGameObject { get; set; } = null!;
    }

    public static class EditorPrefs
    {
        static readonly Dictionary<string, string> All = new Dictionary<string, string>();
        public static string GetString(string key, string defaultValue) => All.TryGetValue(key, out string found) ? found : defaultValue;
        public static void SetString(string key, string value) => All[key] = value;
    }

    public sealed class EditorUtility
    {
        public static void SetDirty(Object target) { }

        public static bool DisplayDialog(string title, string message, string ok)
        {
            Project.Dialogs.Add(message);
            return true;
        }
    }

    public sealed class Undo
    {
        public static void RecordObject(Object objectToUndo, string name) { }
        public static void RegisterCreatedObjectUndo(Object objectToUndo, string name) { }
        public static T AddComponent<T>(GameObject gameObject) where T : Component => gameObject.AddComponent<T>();
    }

    public sealed class GameObjectUtility
    {
        public static void SetParentAndAlign(GameObject child, GameObject parent) { }
    }

    public sealed class EditorApplication
    {
        public delegate void CallbackFunction();
        public static CallbackFunction update = () => { };
        public static double timeSinceStartup => 0;
    }

    public sealed class EditorGUI
    {
        public static void BeginChangeCheck() { }
        public static bool EndChangeCheck() => false;
    }

    public sealed class EditorGUILayout
    {
        public static void Space() { }
        public static bool Foldout(bool foldout, string content, bool toggleOnLabelClick) => foldout;
        public static void HelpBox(string message, MessageType type) { }
        public static void BeginHorizontal(params GUILayoutOption[] options) { }
        public static void EndHorizontal() { }
        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options) => scrollPosition;
        public static void EndScrollView() { }
        public static string TextField(string label, string text, params GUILayoutOption[] options) => text;
        public static string DelayedTextField(string label, string text, params GUILayoutOption[] options) => text;
        public static float Slider(GUIContent label, float value, float leftValue, float rightValue, params GUILayoutOption[] options) => value;
        public static int Popup(int selectedIndex, string[] displayedOptions, params GUILayoutOption[] options) => selectedIndex;
    }

    public sealed class AssetDatabase
    {
        public static T LoadAssetAtPath<T>(string assetPath) where T : Object => (T)Project.Asset(assetPath, typeof(T));
        public static Object[] LoadAllAssetsAtPath(string assetPath) => Project.Settings(assetPath);
        public static bool IsValidFolder(string path) => Project.Folders.Contains(path);
        public static string CreateFolder(string parentFolder, string newFolderName) { Project.Folders.Add(parentFolder + "/" + newFolderName); return ""; }
        public static void CreateAsset(Object asset, string path) => Project.Assets[path] = asset;
        public static void AddObjectToAsset(Object objectToAdd, Object assetObject) => Project.SubAssets.Add(objectToAdd);
        public static string GenerateUniqueAssetPath(string path) => path;
        public static void SaveAssets() { }
        public static T GetBuiltinExtraResource<T>(string path) where T : Object => (T)(Object)new Material(new Shader { name = "Standard" });
    }
}

namespace UnityEditor.Callbacks
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class PostProcessBuildAttribute : Attribute { }
}

namespace UnityEditor.SceneManagement
{
    public enum NewSceneSetup { EmptyScene, DefaultGameObjects }

    public enum NewSceneMode { Single, Additive }

    public sealed class EditorSceneManager
    {
        public static bool SaveCurrentModifiedScenesIfUserWantsTo() => Project.Willing;
        public static UnityEngine.SceneManagement.Scene NewScene(NewSceneSetup setup, NewSceneMode mode) => default;
        public static bool MarkSceneDirty(UnityEngine.SceneManagement.Scene scene) => true;
        public static bool SaveScene(UnityEngine.SceneManagement.Scene scene, string dstScenePath) { Project.Scenes.Add(dstScenePath); return true; }
    }
}

#if UNITY_IOS
namespace UnityEditor.iOS.Xcode
{
    public class PlistElement { }

    public sealed class PlistElementDict : PlistElement
    {
        public IDictionary<string, PlistElement> values { get; } = new Dictionary<string, PlistElement>();
        public void SetString(string key, string val) => values[key] = new PlistElement();
    }

    public sealed class PlistDocument
    {
        public PlistElementDict root = new PlistElementDict();
        public void ReadFromFile(string path) { }
        public void WriteToFile(string path) { }
    }
}
#endif
