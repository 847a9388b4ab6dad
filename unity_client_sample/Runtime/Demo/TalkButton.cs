#nullable enable
using UnityEngine.XR;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// A or X of a pair of controllers, for push-to-talk: grips are for grabbing. A controller that is put down, taken away or
    /// asleep counts as released.
    /// </summary>
    public sealed class TalkButton
    {
        const float Strength = 0.3f;

        XRNode _hand = XRNode.RightHand;
        bool _down;

        /// <summary>The hand that pressed last.</summary>
        public XRNode Hand => _hand;

        /// <summary>Whether it is held now; call it once a frame. The hand that pressed is followed; the other may take over.</summary>
        public bool Step()
        {
            if (!_down || !Pressed(_hand)) _hand = Pressed(XRNode.RightHand) || !Pressed(XRNode.LeftHand) ? XRNode.RightHand : XRNode.LeftHand;
            _down = Pressed(_hand);
            return _down;
        }

        /// <summary>Vibrate the hand that pressed.</summary>
        public void Vibrate(float seconds)
        {
            if (seconds > 0) InputDevices.GetDeviceAtXRNode(_hand).SendHapticImpulse(0, Strength, seconds);
        }

        static bool Pressed(XRNode hand)
        {
            InputDevice device = InputDevices.GetDeviceAtXRNode(hand);
            return device.isValid && device.TryGetFeatureValue(CommonUsages.primaryButton, out bool button) && button;
        }
    }
}
