#nullable enable
using System.Collections.Generic;

namespace CompanionBridge.Editor
{
    public enum TargetPlatform { Desktop, Android, Ios, WebGL, Other }

    /// <summary>A companion of the open scene, as far as its setup goes.</summary>
    public sealed class CompanionFacts
    {
        public string Name = "", Url = "", Profile = "";
        public bool HasToken, HasVoice, HasFace, HasMicrophone;
        public int Matched, Channels;
        public List<string> Complaints = new List<string>();
    }

    /// <summary>Everything that the Setup Doctor judges, read from the project beforehand.</summary>
    public sealed class ProjectFacts
    {
        public TargetPlatform Platform;
        public bool AudioDisabled;
        public int DspBuffer = 1024, OutputRate = 48000;
        public string Spatializer = "";
        public string MicrophoneText = "";
        public bool PreparesRecording, ForcesSpeaker;
        public bool InternetRequired, Arm64, Il2Cpp, RunsInBackground;
        public int MinimumSdk = 23;
        public string Stripping = "";

        /// <summary>UniVRM 1.0 lies in the Assets folder, as its .unitypackage puts it; and whether the assembly for it is switched on.</summary>
        public bool VrmInAssets, VrmSwitchedOn;

        /// <summary>Unity may fetch by plain http, as the portrait and the head of a companion are.</summary>
        public bool PlainHttp = true;

        /// <summary>Builds for the web can catch exceptions.</summary>
        public bool WebExceptions = true;

        /// <summary>A package for headsets is in the project (OpenXR, Oculus, Meta).</summary>
        public bool Headset;
        public int Listeners;
        public List<CompanionFacts> Companions = new List<CompanionFacts>();
    }
}
