// The part of the XR Interaction Toolkit that a sample uses; in 3.x the interactables have a namespace of their own.
using UnityEngine.Events;

namespace UnityEngine.XR.Interaction.Toolkit
{
    public sealed class HoverEnterEventArgs { }

    public sealed class SelectEnterEventArgs { }

    public sealed class SelectExitEventArgs { }

    public sealed class HoverEnterEvent : UnityEvent<HoverEnterEventArgs> { }

    public sealed class SelectEnterEvent : UnityEvent<SelectEnterEventArgs> { }

    public sealed class SelectExitEvent : UnityEvent<SelectExitEventArgs> { }
}

#if COMPANION_XRI_3
namespace UnityEngine.XR.Interaction.Toolkit.Interactables
#else
namespace UnityEngine.XR.Interaction.Toolkit
#endif
{
    public class XRSimpleInteractable : MonoBehaviour
    {
        public UnityEngine.XR.Interaction.Toolkit.HoverEnterEvent hoverEntered { get; } = new UnityEngine.XR.Interaction.Toolkit.HoverEnterEvent();
        public UnityEngine.XR.Interaction.Toolkit.SelectEnterEvent selectEntered { get; } = new UnityEngine.XR.Interaction.Toolkit.SelectEnterEvent();
        public UnityEngine.XR.Interaction.Toolkit.SelectExitEvent selectExited { get; } = new UnityEngine.XR.Interaction.Toolkit.SelectExitEvent();
    }
}
