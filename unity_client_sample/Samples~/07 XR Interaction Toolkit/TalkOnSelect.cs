#nullable enable
using UnityEngine;
using UnityEngine.XR.Interaction.Toolkit;
#if COMPANION_XRI_3
using UnityEngine.XR.Interaction.Toolkit.Interactables;
#endif

namespace CompanionBridge.Samples
{
    /// <summary>
    /// The companion listens while it is selected by a ray, a hand or a poke of the XR Interaction Toolkit. Fails closed: a
    /// controller that vanishes ends the selection, and an interactable that is switched off as well. Put it on the object with
    /// the character's collider, beside an XR Simple Interactable.
    /// </summary>
    [RequireComponent(typeof(XRSimpleInteractable))]
    public sealed class TalkOnSelect : CompanionPart
    {
        [Tooltip("Told to the companion when the player points at it first, and again after a while; empty: nothing.")]
        [SerializeField] string _pointedAt = "The player looks at you and points.";

        [Tooltip("Seconds between two tellings.")]
        [SerializeField] float _quiet = 60;

        XRSimpleInteractable? _interactable;
        CompanionMicrophone? _microphone;
        double _toldAt = double.NegativeInfinity;

        /// <summary>Whether somebody selects the companion.</summary>
        public bool IsHeld { get; private set; }

        protected override void OnEnable()
        {
            base.OnEnable();
            _interactable = GetComponent<XRSimpleInteractable>();
            _interactable.hoverEntered.AddListener(Pointed);
            _interactable.selectEntered.AddListener(Selected);
            _interactable.selectExited.AddListener(Left);
        }

        protected override void OnDisable()
        {
            if (_interactable != null)
            {
                _interactable.hoverEntered.RemoveListener(Pointed);
                _interactable.selectEntered.RemoveListener(Selected);
                _interactable.selectExited.RemoveListener(Left);
            }
            Hold(false);
            base.OnDisable();
        }

        protected override void Attached(Conversation conversation) => _microphone = Client!.GetComponentInChildren<CompanionMicrophone>(true);

        void Pointed(HoverEnterEventArgs arguments)
        {
            double now = CompanionClock.Now;
            if (Client == null || _pointedAt.Length == 0 || now - _toldAt < _quiet) return;
            _toldAt = now;
            Client.Happened(_pointedAt);
        }

        void Selected(SelectEnterEventArgs arguments) => Hold(true);

        void Left(SelectExitEventArgs arguments) => Hold(false);

        void OnApplicationFocus(bool focused)
        {
            if (!focused) Hold(false);
        }

        void Hold(bool held)
        {
            if (held == IsHeld || _microphone == null) return;
            IsHeld = held;
            if (held) _microphone.Press();
            else _microphone.Release();
        }
    }
}
