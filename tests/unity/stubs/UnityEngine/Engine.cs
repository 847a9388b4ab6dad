using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public enum NetworkReachability { NotReachable, ReachableViaCarrierDataNetwork, ReachableViaLocalAreaNetwork }

    public enum RuntimePlatform { OSXEditor = 0, WindowsPlayer = 2, IPhonePlayer = 8, Android = 11, LinuxEditor = 16, WebGLPlayer = 17, WindowsEditor = 7 }

    [Flags]
    public enum UserAuthorization { WebCam = 1, Microphone = 2 }

    public class YieldInstruction { }

    public class AsyncOperation : YieldInstruction
    {
        public bool isDone { get; set; }
        public event Action<AsyncOperation> completed = delegate { };
        public void Complete() => completed(this);
    }

    public static class Application
    {
        public static NetworkReachability internetReachability => World.Reachability;
        public static bool runInBackground { get; set; } = true;
        public static bool isPlaying => true;
        public static bool isFocused => true;
        public static bool isEditor => false;
        public static string unityVersion => "2022.3.0f1";
        public static string persistentDataPath => System.IO.Path.GetTempPath();
        public static RuntimePlatform platform => RuntimePlatform.WindowsPlayer;

        public static bool HasUserAuthorization(UserAuthorization mode) => World.Authorized;

        public static AsyncOperation RequestUserAuthorization(UserAuthorization mode) => new AsyncOperation { isDone = true };

        public static void OpenURL(string url) { }

        public static event Events.UnityAction onBeforeRender { add { } remove { } }
    }

    public static class Debug
    {
        public static void Log(object message) => World.Log("log", message);
        public static void Log(object message, Object context) => World.Log("log", message);
        public static void LogWarning(object message) => World.Log("warning", message);
        public static void LogWarning(object message, Object context) => World.Log("warning", message);
        public static void LogError(object message) => World.Log("error", message);
        public static void LogError(object message, Object context) => World.Log("error", message);
        public static void LogException(Exception exception) => World.Log("exception", exception);
        public static void LogException(Exception exception, Object context) => World.Log("exception", exception);
    }

    public static class Time
    {
        public static float deltaTime => 1 / 72f;
        public static float unscaledDeltaTime => 1 / 72f;
        public static float time => 0;
        public static float unscaledTime => 0;
        public static double realtimeSinceStartupAsDouble => 0;
        public static float timeScale { get; set; } = 1;
        public static int frameCount => 0;
    }

    public static class Random
    {
        public static float value => 0.5f;
        public static float Range(float minInclusive, float maxInclusive) => minInclusive;
        public static int Range(int minInclusive, int maxExclusive) => minInclusive;
    }

    public enum KeyCode { None = 0, Return = 13, Escape = 27, Space = 32, A = 97, E = 101, F = 102, T = 116, V = 118, JoystickButton0 = 330 }

    public static class Input
    {
        public static bool GetKey(KeyCode key) => false;
        public static bool GetKeyDown(KeyCode key) => World.Pressed.Contains(key);
        public static bool GetKeyUp(KeyCode key) => World.Released.Contains(key);
        public static bool GetButtonDown(string buttonName) => false;
        public static bool GetButtonUp(string buttonName) => false;
        public static bool GetMouseButtonDown(int button) => false;
    }

    public static class JsonUtility
    {
        public static string ToJson(object obj) => "{}";
        public static T FromJson<T>(string json) => Activator.CreateInstance<T>();
    }

    public class GUIContent
    {
        public GUIContent(string text) { this.text = text; }
        public GUIContent(string text, string tooltip) { this.text = text; this.tooltip = tooltip; }
        public static readonly GUIContent none = new GUIContent("");
        public string text { get; set; } = "";
        public string tooltip { get; set; } = "";
    }

    public class GUIStyle
    {
        public GUIStyle() { }
        public GUIStyle(GUIStyle other) { }
        public int fontSize { get; set; }
        public bool wordWrap { get; set; }
        public bool richText { get; set; }
        public TextAnchor alignment { get; set; }
        public static implicit operator GUIStyle(string name) => new GUIStyle();
    }

    public class GUISkin : ScriptableObject
    {
        public GUIStyle label { get; } = new GUIStyle();
        public GUIStyle button { get; } = new GUIStyle();
        public GUIStyle textField { get; } = new GUIStyle();
        public GUIStyle box { get; } = new GUIStyle();
    }

    public sealed class GUILayoutOption { }

    public enum ScaleMode { StretchToFill, ScaleAndCrop, ScaleToFit }

    public static class GUIUtility
    {
        public static int keyboardControl { get; set; }
    }

    public static class GUI
    {
        public static GUISkin skin { get; set; } = new GUISkin();
        public static bool enabled { get; set; } = true;
        public static bool changed { get; set; }
        public static Color color { get; set; }
        public static Color backgroundColor { get; set; }
        public static void Label(Rect position, string text) { }
        public static void Label(Rect position, string text, GUIStyle style) { }
        public static void Box(Rect position, string text) { }
        public static void DrawTexture(Rect position, Texture image, ScaleMode scaleMode) { }
        public static bool Button(Rect position, string text) => false;
        public static bool RepeatButton(Rect position, string text) => false;
        public static string TextField(Rect position, string text) => text;
        public static string TextField(Rect position, string text, int maxLength) => text;
        public static void SetNextControlName(string name) { }
        public static string GetNameOfFocusedControl() => "";
        public static void FocusControl(string name) { }
    }

    public static class GUILayout
    {
        public static GUILayoutOption Width(float width) => new GUILayoutOption();
        public static GUILayoutOption Height(float height) => new GUILayoutOption();
        public static GUILayoutOption ExpandWidth(bool expand) => new GUILayoutOption();
        public static void Label(string text, params GUILayoutOption[] options) { }
        public static void Label(string text, GUIStyle style, params GUILayoutOption[] options) { }
        public static bool Button(string text, params GUILayoutOption[] options) => false;
        public static string TextField(string text, params GUILayoutOption[] options) => text;
        public static void BeginHorizontal(params GUILayoutOption[] options) { }
        public static void EndHorizontal() { }
        public static void BeginVertical(params GUILayoutOption[] options) { }
        public static void EndVertical() { }
        public static void BeginArea(Rect screenRect) { }
        public static void EndArea() { }
        public static void Space(float pixels) { }
        public static void FlexibleSpace() { }
    }

    public enum EventType { MouseDown, KeyDown, Repaint, Layout }

    public sealed class Event
    {
        public static Event current => null!;
        public EventType type => EventType.Layout;
        public KeyCode keyCode => KeyCode.None;
        public Vector2 mousePosition { get; set; }
        public void Use() { }
    }

    public static class Screen
    {
        public static int width => 1280;
        public static int height => 720;
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class HideInInspector : Attribute { }

    public abstract class PropertyAttribute : Attribute { }

    public sealed class TooltipAttribute : PropertyAttribute { public TooltipAttribute(string tooltip) { } }

    [AttributeUsage(AttributeTargets.Field, AllowMultiple = true)]
    public sealed class HeaderAttribute : PropertyAttribute { public HeaderAttribute(string header) { } }

    public sealed class RangeAttribute : PropertyAttribute { public RangeAttribute(float min, float max) { } }

    public sealed class TextAreaAttribute : PropertyAttribute
    {
        public TextAreaAttribute() { }
        public TextAreaAttribute(int minLines, int maxLines) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute { }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ExecuteAlways : Attribute { }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order) { this.order = order; }
        public int order { get; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string menuName) { } }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HelpURLAttribute : Attribute { public HelpURLAttribute(string url) { } }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string menuName { get; set; } = "";
        public string fileName { get; set; } = "";
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type requiredComponent) { Type = requiredComponent; }
        internal Type Type { get; }
    }

    public enum RuntimeInitializeLoadType { AfterSceneLoad, BeforeSceneLoad, AfterAssembliesLoaded, BeforeSplashScreen, SubsystemRegistration }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute { public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType loadType) { } }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction();

    public delegate void UnityAction<T0>(T0 arg0);

    [Serializable]
    public abstract class UnityEventBase
    {
        public int GetPersistentEventCount() => 0;
    }

    [Serializable]
    public class UnityEvent : UnityEventBase
    {
        readonly List<UnityAction> _calls = new List<UnityAction>();

        public void AddListener(UnityAction call) => _calls.Add(call);

        public void RemoveListener(UnityAction call) => _calls.Remove(call);

        public void Invoke() => _calls.ForEach(call => call());
    }

    [Serializable]
    public class UnityEvent<T0> : UnityEventBase
    {
        readonly List<UnityAction<T0>> _calls = new List<UnityAction<T0>>();

        public void AddListener(UnityAction<T0> call) => _calls.Add(call);

        public void RemoveListener(UnityAction<T0> call) => _calls.Remove(call);

        public void Invoke(T0 arg0)
        {
            for (int index = 0; index < _calls.Count; index++) _calls[index](arg0);
        }
    }
}

namespace UnityEngine.Scripting
{
    public sealed class PreserveAttribute : Attribute { }
}

namespace AOT
{
    public sealed class MonoPInvokeCallbackAttribute : Attribute { public MonoPInvokeCallbackAttribute(Type type) { } }
}
