#nullable enable
using UnityEngine;
using UnityEngine.XR;

namespace CompanionBridge.Demo
{
    /// <summary>Moves the camera with the headset, without a package for it. Without a headset the camera stays where it is.</summary>
    [AddComponentMenu("Companion/Headset Camera")]
    public sealed class HeadsetCamera : MonoBehaviour
    {
        void OnEnable() => Application.onBeforeRender += Follow;

        void OnDisable() => Application.onBeforeRender -= Follow;

        void Update() => Follow();

        // Once more right before drawing: the head has moved on since the frame began.
        void Follow()
        {
            InputDevice head = InputDevices.GetDeviceAtXRNode(XRNode.CenterEye);
            if (!head.isValid) return;
            if (head.TryGetFeatureValue(CommonUsages.centerEyePosition, out Vector3 position)) transform.localPosition = position;
            if (head.TryGetFeatureValue(CommonUsages.centerEyeRotation, out Quaternion rotation)) transform.localRotation = rotation;
        }
    }
}
