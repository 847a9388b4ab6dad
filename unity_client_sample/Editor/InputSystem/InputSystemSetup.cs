#nullable enable
using UnityEditor;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>In a project with the Input System, characters get push-to-talk by an action.</summary>
    [InitializeOnLoad]
    public static class InputSystemSetup
    {
        static InputSystemSetup() => CharacterSetup.AddKey = Add;

        /// <summary>Add the action, unless the character has push-to-talk already.</summary>
        public static void Add(GameObject character)
        {
            bool has = character.GetComponentInChildren<CompanionPushToTalkAction>(true) != null || character.GetComponentInChildren<CompanionPushToTalkKey>(true) != null;
            if (!has) Undo.AddComponent<CompanionPushToTalkAction>(character);
        }
    }
}
