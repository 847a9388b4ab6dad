// Textures, colliders, humanoids and render pipelines, as far as the demo and the editor use them.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public enum FindObjectsSortMode { None, InstanceID }

    public enum TextureFormat { RGB24 = 3, RGBA32 = 4, ARGB32 = 5 }

    public class Texture : Object
    {
        public virtual int width { get; set; }
        public virtual int height { get; set; }
    }

    public sealed class Texture2D : Texture
    {
        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain)
        {
            this.width = width;
            this.height = height;
        }

        public Array Pixels = Array.Empty<byte>();

        public void SetPixelData<T>(T[] data, int mipLevel, int sourceDataStartIndex = 0) => Pixels = data;

        public void Apply(bool updateMipmaps) { }
    }

    public class Collider : Component { }

    public class CapsuleCollider : Collider
    {
        public Vector3 center { get; set; }
        public float height { get; set; }
        public float radius { get; set; }
    }

    public enum HumanBodyBones { Hips = 0, Neck = 9, Head = 10, Jaw = 23 }

    public sealed class Animator : Behaviour
    {
        public Transform HeadBone = null!;

        public bool isHuman => HeadBone != null;

        public Transform GetBoneTransform(HumanBodyBones humanBoneId) => humanBoneId == HumanBodyBones.Head ? HeadBone : null!;
    }
}

namespace UnityEngine.Rendering
{
    public abstract class RenderPipelineAsset : ScriptableObject
    {
        public virtual Material defaultMaterial => null!;
    }

    public sealed class GraphicsSettings : Object
    {
        public static RenderPipelineAsset currentRenderPipeline { get; set; } = null!;
    }
}

namespace UnityEngine.SceneManagement
{
    public struct Scene
    {
        public string name => "";
    }
}

namespace UnityEngine.XR
{
    public enum XRNode { LeftEye, RightEye, CenterEye, Head, LeftHand, RightHand }

    public struct InputFeatureUsage<T> : IEquatable<InputFeatureUsage<T>>
    {
        public InputFeatureUsage(string usageName) { name = usageName; }

        public string name { get; set; }

        public bool Equals(InputFeatureUsage<T> other) => name == other.name;
    }

    public static class CommonUsages
    {
        public static InputFeatureUsage<bool> primaryButton = new InputFeatureUsage<bool>("PrimaryButton");
        public static InputFeatureUsage<bool> gripButton = new InputFeatureUsage<bool>("GripButton");
        public static InputFeatureUsage<Vector3> centerEyePosition = new InputFeatureUsage<Vector3>("CenterEyePosition");
        public static InputFeatureUsage<Quaternion> centerEyeRotation = new InputFeatureUsage<Quaternion>("CenterEyeRotation");
    }

    public struct InputDevice
    {
        public bool Valid, Primary, Grip;
        public List<float> Shaken; // s of each vibration

        public bool isValid => Valid;

        public bool TryGetFeatureValue(InputFeatureUsage<bool> usage, out bool value)
        {
            value = usage.name == "PrimaryButton" ? Primary : usage.name == "GripButton" && Grip;
            return Valid;
        }

        public bool TryGetFeatureValue(InputFeatureUsage<Vector3> usage, out Vector3 value)
        {
            value = default;
            return Valid;
        }

        public bool TryGetFeatureValue(InputFeatureUsage<Quaternion> usage, out Quaternion value)
        {
            value = Quaternion.identity;
            return Valid;
        }

        public bool SendHapticImpulse(uint channel, float amplitude, float duration = 1)
        {
            Shaken?.Add(duration);
            return Valid;
        }
    }

    public static class InputDevices
    {
        public static InputDevice Right, Left;

        public static InputDevice GetDeviceAtXRNode(XRNode node) => node == XRNode.RightHand ? Right : node == XRNode.LeftHand ? Left : default;
    }
}
