#nullable enable
using UnityEditor;

namespace CompanionBridge.Editor
{
    /// <summary>What a developer chose on this machine; not part of the project.</summary>
    public static class SetupDoctorSettings
    {
        const string UrlKey = "CompanionBridge.Url";
        const string DefaultUrl = "ws://127.0.0.1:8765";

        /// <summary>The server that new companions are given and that the Setup Doctor looks at.</summary>
        public static string Url
        {
            get => EditorPrefs.GetString(UrlKey, DefaultUrl);
            set => EditorPrefs.SetString(UrlKey, value);
        }
    }
}
