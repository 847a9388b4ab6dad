#nullable enable
using UnityEngine;
using UnityEngine.Playables;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Takes the markers of a timeline. Put it on the object of the Playable Director, or on the one that the markers' track is
    /// bound to, and give it the companion's client.
    /// </summary>
    public sealed class TimelineCompanion : CompanionPart, INotificationReceiver
    {
        [Tooltip("Seconds after which the timeline goes on although no reply came or ended.")]
        [SerializeField] float _patience = 30;

        Playable _held;
        double _until;
        bool _waiting;

        /// <summary>Whether a timeline stands still until the companion has spoken.</summary>
        public bool IsWaiting => _waiting;

        protected override void Attached(Conversation conversation)
        {
            conversation.HeardNow += Heard;
            conversation.StatusChanged += Status;
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.HeardNow -= Heard;
            conversation.StatusChanged -= Status;
            GoOn();
        }

        public void OnNotify(Playable origin, INotification notification, object context)
        {
            if (!(notification is CompanionMarker marker) || Client == null) return;
            switch (marker.Kind)
            {
                case MarkerKind.Say: Client.Say(marker.Text); break;
                case MarkerKind.Happened: Client.Happened(marker.Text); break;
                case MarkerKind.Respond: Client.HappenedAndRespond(marker.Text); break;
                case MarkerKind.Stop: Client.StopTalking(); break;
            }
            bool replies = marker.Kind == MarkerKind.Say || marker.Kind == MarkerKind.Respond;
            // Nobody is there to answer: the show goes on.
            if (marker.Wait && replies && Client.IsConnected) Hold(origin);
        }

        // A graph is stopped by the speed of its root: Pause would also let go of what it animates.
        void Hold(Playable origin)
        {
            GoOn();
            _held = origin.GetGraph().GetRootPlayable(0);
            _held.SetSpeed(0);
            _until = CompanionClock.Now + _patience;
            _waiting = true;
        }

        void GoOn()
        {
            if (!_waiting) return;
            _waiting = false;
            if (_held.IsValid()) _held.SetSpeed(1);
        }

        void Heard(Heard heard)
        {
            if (heard.Kind == HeardKind.Ended) GoOn();
        }

        void Status(SessionStatus status, SessionFault? fault)
        {
            if (status == SessionStatus.Over || status == SessionStatus.Waiting) GoOn();
        }

        void Update()
        {
            if (_waiting && CompanionClock.Now >= _until) GoOn();
        }
    }
}
