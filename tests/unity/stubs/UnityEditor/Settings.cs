// Player settings, build targets and packages; the class Project holds what tests want the project to be.
using System;
using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    /// <summary>The project, as tests want it.</summary>
    public static class Project
    {
        public static bool Willing = true;
        public static readonly List<string> Folders = new List<string>(), Scenes = new List<string>(), Dialogs = new List<string>();
        public static readonly Dictionary<string, Object> Assets = new Dictionary<string, Object>();
        public static readonly Dictionary<string, string> Assemblies = new Dictionary<string, string>(); // paths of assembly definitions
        public static readonly List<Object> SubAssets = new List<Object>();
        public static readonly Dictionary<string, Dictionary<string, SerializedProperty>> Files = new Dictionary<string, Dictionary<string, SerializedProperty>>();
        static readonly Dictionary<Object, string> Opened = new Dictionary<Object, string>();

        internal static Object Asset(string path, Type type) => Assets.TryGetValue(path, out Object found) && type.IsInstanceOfType(found) ? found : null!;

        internal static Object[] Settings(string path)
        {
            if (!Files.ContainsKey(path)) return Array.Empty<Object>();
            Object made = new ScriptableObject();
            Opened[made] = path;
            return new[] { made };
        }

        internal static SerializedProperty Property(Object of, string name) =>
            of is object && Opened.TryGetValue(of, out string path) && Files[path].TryGetValue(name, out SerializedProperty found) ? found : null!;

        public static SerializedProperty Setting(string path, string name)
        {
            if (!Files.TryGetValue(path, out Dictionary<string, SerializedProperty> file)) Files[path] = file = new Dictionary<string, SerializedProperty>();
            return file[name] = new SerializedProperty();
        }
    }

    public enum BuildTargetGroup { Standalone = 1, iOS = 4, Android = 7, WebGL = 13 }

    public enum BuildTarget { StandaloneOSX = 2, StandaloneWindows = 5, iOS = 9, Android = 13, StandaloneWindows64 = 19, WebGL = 20, StandaloneLinux64 = 24, PS5 = 44 }

    public enum WebGLExceptionSupport { None = 0, ExplicitlyThrownExceptionsOnly = 1, FullWithoutStacktrace = 2, FullWithStacktrace = 3 }

    public enum ScriptingImplementation { Mono2x, IL2CPP }

    public enum ManagedStrippingLevel { Disabled = 0, Low = 1, Medium = 2, High = 3, Minimal = 4 }

    [Flags]
    public enum AndroidArchitecture : uint { None = 0, ARMv7 = 1, ARM64 = 2 }

    public enum AndroidSdkVersions { AndroidApiLevel23 = 23, AndroidApiLevel29 = 29, AndroidApiLevel32 = 32 }

    public sealed class EditorUserBuildSettings
    {
        public static BuildTarget activeBuildTarget { get; set; } = BuildTarget.StandaloneLinux64;
        public static BuildTargetGroup selectedBuildTargetGroup { get; set; } = BuildTargetGroup.Standalone;
    }

    public enum InsecureHttpOption { NotAllowed, DevelopmentOnly, AlwaysAllowed }

    public sealed class PlayerSettings
    {
        static ScriptingImplementation _backend;

        static string _symbols = "";

        public static string GetScriptingDefineSymbols(Build.NamedBuildTarget buildTarget) => _symbols;
        public static void SetScriptingDefineSymbols(Build.NamedBuildTarget buildTarget, string defines) => _symbols = defines;
        public static bool runInBackground { get; set; }
        public static InsecureHttpOption insecureHttpOption { get; set; } = InsecureHttpOption.NotAllowed;
        public static ScriptingImplementation GetScriptingBackend(Build.NamedBuildTarget buildTarget) => _backend;
        public static void SetScriptingBackend(Build.NamedBuildTarget buildTarget, ScriptingImplementation backend) => _backend = backend;
        public static ManagedStrippingLevel GetManagedStrippingLevel(Build.NamedBuildTarget buildTarget) => ManagedStrippingLevel.High;

        public sealed class WebGL
        {
            public static WebGLExceptionSupport exceptionSupport { get; set; } = WebGLExceptionSupport.ExplicitlyThrownExceptionsOnly;
        }

        public sealed class iOS
        {
            public static string microphoneUsageDescription { get; set; } = "";
        }

        public sealed class Android
        {
            public static bool forceInternetPermission { get; set; }
            public static AndroidArchitecture targetArchitectures { get; set; } = AndroidArchitecture.ARMv7;
            public static AndroidSdkVersions minSdkVersion { get; set; } = AndroidSdkVersions.AndroidApiLevel23;
        }
    }
}

namespace UnityEditor.Build
{
    public readonly struct NamedBuildTarget
    {
        public static NamedBuildTarget FromBuildTargetGroup(BuildTargetGroup buildTargetGroup) => default;
    }
}

namespace UnityEditor.Compilation
{
    public static class CompilationPipeline
    {
        public static string GetAssemblyDefinitionFilePathFromAssemblyName(string assemblyName) => Project.Assemblies.TryGetValue(assemblyName, out string found) ? found : null!;
    }
}

namespace UnityEditor.PackageManager
{
    public sealed class PackageInfo
    {
        public static readonly List<PackageInfo> Registered = new List<PackageInfo>();
        public string name { get; set; } = "";
        public static PackageInfo[] GetAllRegisteredPackages() => Registered.ToArray();
    }
}
