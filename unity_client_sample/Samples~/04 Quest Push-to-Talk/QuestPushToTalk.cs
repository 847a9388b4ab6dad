#nullable enable
using CompanionBridge.Demo;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Hold A or X to talk; grips are for grabbing. Fails closed: a controller that is put down, taken away or asleep counts as released.
    /// A board tells the player what the microphone and the connection do, since a headset has no console.
    /// </summary>
    public sealed class QuestPushToTalk : CompanionPart
    {
        [Tooltip("Vibration of the hand that pressed, which says: I hear you. Seconds; 0 for none.")]
        [SerializeField] float _pulse = 0.05f;

        [SerializeField] TextMesh? _board;

        readonly TalkButton _button = new TalkButton();
        CompanionMicrophone? _microphone;
        bool _down;
        string _shown = "", _fault = "";

        public TextMesh? Board { get => _board; set => _board = value; }

        /// <summary>Whether a button is held.</summary>
        public bool IsDown => _down;

        protected override void Attached(Conversation conversation)
        {
            _microphone = Client!.GetComponentInChildren<CompanionMicrophone>(true);
            conversation.StatusChanged += Status;
            conversation.Failed += Failed;
        }

        protected override void Detached(Conversation conversation)
        {
            Hold(false);
            conversation.StatusChanged -= Status;
            conversation.Failed -= Failed;
        }

        void Status(SessionStatus status, SessionFault? fault) => _fault = fault != null ? fault.Message : status == SessionStatus.Lost ? "The connection is being mended." : "";

        void Failed(ServerError error) => _fault = error.Message;

        void Update()
        {
            Hold(_button.Step());
            Tell();
        }

        void OnApplicationFocus(bool focused)
        {
            // The headset's own menu takes the focus, and the release of the button with it.
            if (!focused) Hold(false);
        }

        void Hold(bool down)
        {
            if (down == _down || _microphone == null) return;
            _down = down;
            if (!down)
            {
                _microphone.Release();
                return;
            }
            _microphone.Press();
            _button.Vibrate(_pulse);
        }

        void Tell()
        {
            string ear = _microphone == null ? "" : CompanionMicrophone.Sentence(_microphone.State);
            string told = ear.Length > 0 ? ear : _fault.Length > 0 ? _fault : _down ? "Listening ..." : "Hold A or X to talk.";
            if (told == _shown) return;
            _shown = told;
            if (_board != null) _board.text = told;
        }
    }
}
