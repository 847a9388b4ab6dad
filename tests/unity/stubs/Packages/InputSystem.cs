// The part of the Input System that the optional assembly uses; tests perform and cancel actions themselves.
using System;

namespace UnityEngine.InputSystem
{
    public enum InputActionType { Value, Button, PassThrough }

    public class InputDevice { }

    public class Keyboard : InputDevice { }

    public class Gamepad : InputDevice { }

    public class InputControl
    {
        public InputDevice device { get; set; } = new Keyboard();
    }

    public sealed class InputAction
    {
        public struct CallbackContext
        {
            public InputControl control { get; internal set; }
        }

        public InputAction(string name = null!, InputActionType type = InputActionType.Value, string binding = null!, string interactions = null!, string processors = null!, string expectedControlType = null!)
        {
            this.name = name;
            this.type = type;
            Binding = binding;
        }

        public string name { get; }
        public InputActionType type { get; }
        public bool enabled { get; private set; }

        public event Action<CallbackContext> started = delegate { };
        public event Action<CallbackContext> performed = delegate { };
        public event Action<CallbackContext> canceled = delegate { };

        public void Enable() => enabled = true;
        public void Disable() => enabled = false;

        // For tests.
        public readonly string Binding;

        public void Perform(bool down, InputDevice device = null!)
        {
            if (!enabled) return;
            CallbackContext context = new CallbackContext { control = new InputControl { device = device ?? new Keyboard() } };
            if (down) started(context);
            (down ? performed : canceled)(context);
        }
    }

    [Serializable]
    public struct InputActionProperty
    {
        readonly InputAction _action;

        public InputActionProperty(InputAction action) { _action = action; }

        public InputAction action => _action;
    }
}
