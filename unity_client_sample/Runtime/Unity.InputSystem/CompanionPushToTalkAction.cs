#nullable enable
using UnityEngine;
using UnityEngine.InputSystem;

namespace CompanionBridge
{
    /// <summary>
    /// An action of the Input System that lets the companion hear while it is held: the space bar, or any key, button or
    /// controller that is bound to it.
    /// </summary>
    [RequireComponent(typeof(CompanionMicrophone))]
    [AddComponentMenu("Companion/Companion Push To Talk Action")]
    public sealed class CompanionPushToTalkAction : MonoBehaviour
    {
        [Tooltip("An action of type Button: one of its own, or a reference to one of the project's.")]
        [SerializeField] InputActionProperty _action = new InputActionProperty(new InputAction("Talk to the companion", InputActionType.Button, "<Keyboard>/space"));

        CompanionMicrophone? _microphone;
        InputAction? _followed;
        bool _enabledHere;

        /// <summary>The action; a change counts at once.</summary>
        public InputActionProperty Action
        {
            get => _action;
            set
            {
                Leave();
                _action = value;
                if (isActiveAndEnabled) Follow();
            }
        }

        void OnEnable()
        {
            _microphone = GetComponent<CompanionMicrophone>();
            Follow();
        }

        void OnDisable() => Leave();

        void Follow()
        {
            _followed = _action.action;
            if (_followed == null) return;
            _followed.performed += Pressed;
            _followed.canceled += Released;
            _enabledHere = !_followed.enabled; // one that the game enabled stays the game's
            if (_enabledHere) _followed.Enable();
        }

        void Leave()
        {
            if (_followed == null) return;
            _followed.performed -= Pressed;
            _followed.canceled -= Released;
            if (_enabledHere) _followed.Disable();
            _followed = null;
            if (_microphone != null) _microphone.Release();
        }

        void Pressed(InputAction.CallbackContext context)
        {
            // Who types into a field of IMGUI means the key for that.
            if (GUIUtility.keyboardControl == 0 || !(context.control.device is Keyboard)) _microphone!.Press();
        }

        void Released(InputAction.CallbackContext context) => _microphone!.Release();
    }
}
