#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// A key or a button of the old Input Manager that lets the companion hear. With the Input System there is a Companion Push
    /// To Talk Action instead.
    /// </summary>
    [RequireComponent(typeof(CompanionMicrophone))]
    [AddComponentMenu("Companion/Companion Push To Talk Key")]
    public sealed class CompanionPushToTalkKey : MonoBehaviour
    {
        [SerializeField] KeyCode _key = KeyCode.Space;

        CompanionMicrophone? _microphone;

        void OnEnable() => _microphone = GetComponent<CompanionMicrophone>();

        void OnDisable()
        {
            if (_microphone != null) _microphone.Release();
        }

#if ENABLE_LEGACY_INPUT_MANAGER
        void Update()
        {
            // Who types into a field of IMGUI means the key for that.
            if (Input.GetKeyDown(_key) && GUIUtility.keyboardControl == 0) _microphone!.Press();
            if (Input.GetKeyUp(_key)) _microphone!.Release();
        }
#else
        void Start() => Debug.LogWarning("[Companion] The old Input Manager is off, and with it the key " + _key + ": use a Companion Push To Talk Action.", this);
#endif
    }
}
