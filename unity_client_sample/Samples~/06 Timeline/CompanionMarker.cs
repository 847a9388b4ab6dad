#nullable enable
using UnityEngine;
using UnityEngine.Playables;
using UnityEngine.Timeline;

namespace CompanionBridge.Samples
{
    /// <summary>What a marker of a timeline tells the companion.</summary>
    public enum MarkerKind
    {
        /// <summary>Say the text as the user, as if typed.</summary>
        Say,

        /// <summary>Tell what happened; the companion takes note.</summary>
        Happened,

        /// <summary>Tell what happened; the companion says something about it.</summary>
        Respond,

        /// <summary>Stop what the companion is saying.</summary>
        Stop,
    }

    /// <summary>A marker that tells the companion something when the timeline comes to it.</summary>
    public sealed class CompanionMarker : Marker, INotification, INotificationOptionProvider
    {
        [SerializeField] MarkerKind _kind = MarkerKind.Respond;

        [TextArea(2, 5)]
        [SerializeField] string _text = "";

        [Tooltip("The timeline stands still until the reply was heard.")]
        [SerializeField] bool _wait = true;

        public MarkerKind Kind { get => _kind; set => _kind = value; }
        public string Text { get => _text; set => _text = value; }
        public bool Wait { get => _wait; set => _wait = value; }

        public PropertyName id => new PropertyName("CompanionMarker");

        // Once, also where the play head jumped over it; not while somebody scrubs in the editor.
        public NotificationFlags flags => NotificationFlags.TriggerOnce | NotificationFlags.Retroactive;
    }
}
