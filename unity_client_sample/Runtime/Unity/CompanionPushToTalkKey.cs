#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// A key or a button of the old Input Manager that lets the companion hear. With the Input System, call Press and Release
    /// of the <see cref="CompanionMicrophone"/> from an action.
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
            if (Input.GetKeyDown(_key)) _microphone!.Press();
            if (Input.GetKeyUp(_key)) _microphone!.Release();
        }
#else
        void Start() => Debug.LogWarning("[Companion] The old Input Manager is off: call Press and Release of the Companion Microphone instead of using key " + _key + ".", this);
#endif
    }
}
