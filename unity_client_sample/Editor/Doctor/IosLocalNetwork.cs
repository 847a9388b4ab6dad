#if UNITY_IOS
#nullable enable
using System.IO;
using UnityEditor;
using UnityEditor.Callbacks;
using UnityEditor.iOS.Xcode;

namespace CompanionBridge.Editor
{
    /// <summary>Gives iOS the sentence that it shows before an app may speak to the local network; one that is there stays.</summary>
    public static class IosLocalNetwork
    {
        const string Key = "NSLocalNetworkUsageDescription";
        const string Why = "To reach the companion's server in your network.";

        [PostProcessBuild]
        public static void Add(BuildTarget target, string folder)
        {
            if (target != BuildTarget.iOS) return;
            string path = Path.Combine(folder, "Info.plist");
            PlistDocument plist = new PlistDocument();
            plist.ReadFromFile(path);
            if (plist.root.values.ContainsKey(Key)) return;
            plist.root.SetString(Key, Why);
            plist.WriteToFile(path);
        }
    }
}
#endif
