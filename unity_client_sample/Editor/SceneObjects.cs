#nullable enable
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Finds components in the open scenes, by the call that the version of Unity has.</summary>
    public static class SceneObjects
    {
        public static T[] All<T>() where T : Component
        {
#if UNITY_2023_1_OR_NEWER
            return Object.FindObjectsByType<T>(FindObjectsSortMode.None);
#else
            return Object.FindObjectsOfType<T>();
#endif
        }
    }
}
