#nullable enable
using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.Build;
using UnityEditor.Compilation;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Reads what the Setup Doctor judges out of the project and the open scene.</summary>
    public static class ProjectReader
    {
        public const string AudioSettingsPath = "ProjectSettings/AudioManager.asset", PlayerSettingsPath = "ProjectSettings/ProjectSettings.asset";
        public const string DisableAudio = "m_DisableAudio", PrepareRecording = "Prepare IOS For Recording", ForceSpeaker = "Force IOS Speakers When Recording";

        /// <summary>The symbol that switches the assembly for VRM on; a package of UniVRM defines it by itself.</summary>
        public const string VrmSymbol = "COMPANION_VRM";

        public static ProjectFacts Read()
        {
            NamedBuildTarget target = NamedBuildTarget.FromBuildTargetGroup(EditorUserBuildSettings.selectedBuildTargetGroup);
            AudioConfiguration sound = AudioSettings.GetConfiguration();
            ProjectFacts facts = new ProjectFacts
            {
                Platform = Platform(EditorUserBuildSettings.activeBuildTarget),
                AudioDisabled = Flag(AudioSettingsPath, DisableAudio),
                DspBuffer = sound.dspBufferSize,
                OutputRate = AudioSettings.outputSampleRate,
                Spatializer = AudioSettings.GetSpatializerPluginName() ?? "",
                MicrophoneText = PlayerSettings.iOS.microphoneUsageDescription ?? "",
                PreparesRecording = Flag(PlayerSettingsPath, PrepareRecording),
                ForcesSpeaker = Flag(PlayerSettingsPath, ForceSpeaker),
                InternetRequired = PlayerSettings.Android.forceInternetPermission,
                Arm64 = (PlayerSettings.Android.targetArchitectures & AndroidArchitecture.ARM64) != 0,
                Il2Cpp = PlayerSettings.GetScriptingBackend(target) == ScriptingImplementation.IL2CPP,
                RunsInBackground = PlayerSettings.runInBackground,
                MinimumSdk = (int)PlayerSettings.Android.minSdkVersion,
                Stripping = PlayerSettings.GetManagedStrippingLevel(target).ToString(),
                VrmInAssets = InAssets("VRM10"),
                VrmSwitchedOn = HasSymbol(target, VrmSymbol),
                PlainHttp = PlayerSettings.insecureHttpOption != InsecureHttpOption.NotAllowed,
                WebExceptions = PlayerSettings.WebGL.exceptionSupport != WebGLExceptionSupport.None,
                Headset = HasHeadset(),
                Listeners = SceneObjects.All<AudioListener>().Length,
            };
            foreach (CompanionClient each in SceneObjects.All<CompanionClient>()) facts.Companions.Add(Companion(each));
            return facts;
        }

        static bool InAssets(string assembly)
        {
            string? path = CompilationPipeline.GetAssemblyDefinitionFilePathFromAssemblyName(assembly);
            return path != null && path.StartsWith("Assets/", StringComparison.Ordinal);
        }

        internal static bool HasSymbol(NamedBuildTarget target, string symbol) => Array.IndexOf(PlayerSettings.GetScriptingDefineSymbols(target).Split(';'), symbol) >= 0;

        static TargetPlatform Platform(BuildTarget target)
        {
            switch (target)
            {
                case BuildTarget.Android: return TargetPlatform.Android;
                case BuildTarget.iOS: return TargetPlatform.Ios;
                case BuildTarget.WebGL: return TargetPlatform.WebGL;
                case BuildTarget.StandaloneWindows: case BuildTarget.StandaloneWindows64: case BuildTarget.StandaloneOSX: case BuildTarget.StandaloneLinux64: return TargetPlatform.Desktop;
                default: return TargetPlatform.Other;
            }
        }

        static bool HasHeadset()
        {
            foreach (UnityEditor.PackageManager.PackageInfo each in UnityEditor.PackageManager.PackageInfo.GetAllRegisteredPackages())
                if (each.name == "com.unity.xr.openxr" || each.name == "com.unity.xr.oculus" || each.name.StartsWith("com.meta.xr", StringComparison.Ordinal)) return true;
            return false;
        }

        static CompanionFacts Companion(CompanionClient client)
        {
            CompanionFace face = client.GetComponentInChildren<CompanionFace>(true);
            CompanionFacts facts = new CompanionFacts
            {
                Name = client.name,
                Url = client.Url,
                HasToken = client.Token.Length > 0,
                HasVoice = client.GetComponentInChildren<CompanionVoice>(true) != null,
                HasMicrophone = client.GetComponentInChildren<CompanionMicrophone>(true) != null,
                HasFace = face != null,
            };
            if (face == null) return facts;
            facts.Profile = face.BestProfile();
            FacePreview preview = new FacePreview(face.Renderers(), facts.Profile, face.Choices, false);
            facts.Matched = preview.Matched;
            facts.Channels = preview.Format.Names.Length;
            facts.Complaints.AddRange(preview.Complaints());
            return facts;
        }

        static bool Flag(string path, string name)
        {
            SerializedProperty? found = Property(path, name, out _);
            return found != null && found.boolValue;
        }

        /// <summary>A setting that Unity has no property for; null when this version does not know it.</summary>
        internal static SerializedProperty? Property(string path, string name, out SerializedObject? settings)
        {
            settings = null;
            UnityEngine.Object[] all = AssetDatabase.LoadAllAssetsAtPath(path);
            if (all.Length == 0) return null;
            settings = new SerializedObject(all[0]);
            return settings.FindProperty(name);
        }
    }
}
