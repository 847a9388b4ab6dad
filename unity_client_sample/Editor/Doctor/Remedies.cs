#nullable enable
using System;
using UnityEditor;
using UnityEditor.Build;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Puts right what the Setup Doctor found, when the developer presses the button.</summary>
    public static class Remedies
    {
        const int BestLatencySamples = 256;
        const string MicrophoneText = "To talk with the characters of this game.";

        /// <summary>What the button says; "" when there is none.</summary>
        public static string Label(Remedy remedy)
        {
            switch (remedy)
            {
                case Remedy.None: return "";
                case Remedy.EnableAudio: return "Turn sound on";
                case Remedy.BestLatency: return "Best latency";
                case Remedy.MicrophoneText: return "Write one";
                case Remedy.PrepareRecording: case Remedy.ForceSpeaker: case Remedy.RunInBackground: case Remedy.WebExceptions: case Remedy.VrmSymbol: return "Turn on";
                case Remedy.InternetAccess: return "Require";
                case Remedy.PlainHttp: return "Allow";
                case Remedy.Arm64: return "Build ARM64";
                case Remedy.Il2Cpp: return "Use IL2CPP";
                case Remedy.MinimumSdk: return "Set to 29";
                case Remedy.AddListener: return "Add one";
                case Remedy.MakeTalk: return "Add";
                case Remedy.SecureUrl: return "Use wss://";
                default: throw new ArgumentOutOfRangeException(nameof(remedy), remedy, "no such remedy");
            }
        }

        public static void Apply(Remedy remedy)
        {
            NamedBuildTarget target = NamedBuildTarget.FromBuildTargetGroup(EditorUserBuildSettings.selectedBuildTargetGroup);
            switch (remedy)
            {
                case Remedy.EnableAudio: Set(ProjectReader.AudioSettingsPath, ProjectReader.DisableAudio, false); break;
                case Remedy.BestLatency: SetLength(ProjectReader.AudioSettingsPath, BestLatencySamples); break;
                case Remedy.MicrophoneText: PlayerSettings.iOS.microphoneUsageDescription = MicrophoneText; break;
                case Remedy.PrepareRecording: Set(ProjectReader.PlayerSettingsPath, ProjectReader.PrepareRecording, true); break;
                case Remedy.ForceSpeaker: Set(ProjectReader.PlayerSettingsPath, ProjectReader.ForceSpeaker, true); break;
                case Remedy.InternetAccess: PlayerSettings.Android.forceInternetPermission = true; break;
                case Remedy.Il2Cpp: PlayerSettings.SetScriptingBackend(target, ScriptingImplementation.IL2CPP); break;
                case Remedy.Arm64:
                    // ARM64 can be built by IL2CPP only.
                    PlayerSettings.SetScriptingBackend(target, ScriptingImplementation.IL2CPP);
                    PlayerSettings.Android.targetArchitectures = AndroidArchitecture.ARM64;
                    break;
                case Remedy.MinimumSdk: PlayerSettings.Android.minSdkVersion = AndroidSdkVersions.AndroidApiLevel29; break;
                case Remedy.RunInBackground: PlayerSettings.runInBackground = true; break;
                case Remedy.PlainHttp: PlayerSettings.insecureHttpOption = InsecureHttpOption.DevelopmentOnly; break;
                case Remedy.WebExceptions: PlayerSettings.WebGL.exceptionSupport = WebGLExceptionSupport.ExplicitlyThrownExceptionsOnly; break;
                case Remedy.VrmSymbol: AddSymbol(target, ProjectReader.VrmSymbol); break;
                case Remedy.AddListener: AddListener(); break;
                case Remedy.MakeTalk:
                    foreach (CompanionClient each in SceneObjects.All<CompanionClient>()) CharacterSetup.Add(each.gameObject, each.Url);
                    break;
                case Remedy.SecureUrl: Secure(); break;
            }
        }

        static void AddSymbol(NamedBuildTarget target, string symbol)
        {
            if (ProjectReader.HasSymbol(target, symbol)) return;
            string known = PlayerSettings.GetScriptingDefineSymbols(target);
            PlayerSettings.SetScriptingDefineSymbols(target, known.Length > 0 ? known + ";" + symbol : symbol);
        }

        static void AddListener()
        {
            Camera camera = Camera.main;
            if (camera == null) Debug.LogWarning("[Companion] There is no camera with the tag MainCamera to put an AudioListener on.");
            else Undo.AddComponent<AudioListener>(camera.gameObject);
        }

        static void Secure()
        {
            foreach (CompanionClient each in SceneObjects.All<CompanionClient>())
            {
                if (!Uri.TryCreate(each.Url, UriKind.Absolute, out Uri? url) || url.Scheme != "ws" || url.IsLoopback || Checks.IsPrivate(url.Host)) continue;
                Undo.RecordObject(each, "Use wss");
                each.Url = "wss" + each.Url.Substring("ws".Length);
                EditorUtility.SetDirty(each);
            }
        }

        static void Set(string path, string name, bool value)
        {
            SerializedProperty? found = ProjectReader.Property(path, name, out SerializedObject? settings);
            if (found == null || settings == null)
            {
                Debug.LogWarning("[Companion] This version of Unity has no setting \"" + name + "\": look for it in Project Settings.");
                return;
            }
            found.boolValue = value;
            settings.ApplyModifiedProperties();
        }

        // The settings keep the length that was asked for and the one that the platform gave.
        static void SetLength(string path, int samples)
        {
            foreach (string name in new[] { "m_RequestedDSPBufferSize", "m_DSPBufferSize" })
            {
                SerializedProperty? found = ProjectReader.Property(path, name, out SerializedObject? settings);
                if (found == null || settings == null) continue;
                found.intValue = samples;
                settings.ApplyModifiedProperties();
            }
        }
    }
}
