#nullable enable
using System;
using UnityEngine;

namespace CompanionBridge.Editor
{
    /// <summary>Finds bones of a character: the humanoid's, or those that are called so.</summary>
    public static class Bones
    {
        public static Transform? Head(GameObject character) => Find(character, HumanBodyBones.Head, "head");

        public static Transform? Jaw(GameObject character) => Find(character, HumanBodyBones.Jaw, "jaw", "jawroot", "lowerjaw");

        static Transform? Find(GameObject character, HumanBodyBones bone, params string[] names)
        {
            Animator animator = character.GetComponentInChildren<Animator>(true);
            if (animator != null && animator.isHuman)
            {
                Transform known = animator.GetBoneTransform(bone);
                if (known != null) return known;
            }
            foreach (string name in names)
                foreach (Transform each in character.GetComponentsInChildren<Transform>(true))
                    if (IsCalled(each.gameObject.name, name) && each.GetComponent<Renderer>() == null) return each;
            return null;
        }

        // "Head", "mixamorig:Head", "CC_Base_Head", "J_Bip_C_Head", "Bip01 Head", but not "HeadTop_End".
        static bool IsCalled(string bone, string name)
        {
            string last = bone.Substring(bone.LastIndexOfAny(new[] { ':', '_', '.', '|', ' ' }) + 1);
            return string.Equals(last, name, StringComparison.OrdinalIgnoreCase);
        }
    }
}
