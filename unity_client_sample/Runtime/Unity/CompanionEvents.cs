#nullable enable
using UnityEngine;
using UnityEngine.Events;

namespace CompanionBridge
{
    /// <summary>What happens in the conversation as UnityEvents, for wiring up animations, lights and UI without code.</summary>
    [AddComponentMenu("Companion/Companion Events")]
    public sealed class CompanionEvents : CompanionPart
    {
        [Header("Connection")]
        [SerializeField] UnityEvent _onConnected = new UnityEvent();
        [SerializeField] UnityEvent _onLost = new UnityEvent();
        [Tooltip("Gets the reason as a sentence.")]
        [SerializeField] TextEvent _onOver = new TextEvent();

        [Header("Turn-taking")]
        [SerializeField] UnityEvent _onIdle = new UnityEvent();
        [SerializeField] UnityEvent _onListening = new UnityEvent();
        [SerializeField] UnityEvent _onThinking = new UnityEvent();
        [SerializeField] UnityEvent _onSpeaking = new UnityEvent();

        [Header("As it is heard")]
        [SerializeField] UnityEvent _onReplyBegan = new UnityEvent();
        [SerializeField] UnityEvent _onReplyEnded = new UnityEvent();
        [SerializeField] TextEvent _onWord = new TextEvent();
        [SerializeField] TextEvent _onEmotion = new TextEvent();
        [SerializeField] TextEvent _onGesture = new TextEvent();

        [Header("The user")]
        [SerializeField] TextEvent _onUserSaid = new TextEvent();

        public UnityEvent OnConnected => _onConnected;
        public UnityEvent OnLost => _onLost;
        public TextEvent OnOver => _onOver;
        public UnityEvent OnIdle => _onIdle;
        public UnityEvent OnListening => _onListening;
        public UnityEvent OnThinking => _onThinking;
        public UnityEvent OnSpeaking => _onSpeaking;
        public UnityEvent OnReplyBegan => _onReplyBegan;
        public UnityEvent OnReplyEnded => _onReplyEnded;
        public TextEvent OnWord => _onWord;
        public TextEvent OnEmotion => _onEmotion;
        public TextEvent OnGesture => _onGesture;
        public TextEvent OnUserSaid => _onUserSaid;

        protected override void Attached(Conversation conversation)
        {
            conversation.StatusChanged += Status;
            conversation.StateChanged += State;
            conversation.HeardNow += Heard;
            conversation.Transcribed += Transcribed;
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.StatusChanged -= Status;
            conversation.StateChanged -= State;
            conversation.HeardNow -= Heard;
            conversation.Transcribed -= Transcribed;
        }

        void Status(SessionStatus status, SessionFault? fault)
        {
            if (status == SessionStatus.Open) _onConnected.Invoke();
            else if (status == SessionStatus.Lost) _onLost.Invoke();
            else if (status == SessionStatus.Over || status == SessionStatus.Waiting) _onOver.Invoke(fault?.Message ?? "");
        }

        void State(CompanionState state)
        {
            switch (state)
            {
                case CompanionState.Idle: _onIdle.Invoke(); break;
                case CompanionState.Listening: _onListening.Invoke(); break;
                case CompanionState.Thinking: _onThinking.Invoke(); break;
                case CompanionState.Speaking: _onSpeaking.Invoke(); break;
            }
        }

        void Heard(Heard heard)
        {
            switch (heard.Kind)
            {
                case HeardKind.Began: _onReplyBegan.Invoke(); break;
                case HeardKind.Ended: _onReplyEnded.Invoke(); break;
                case HeardKind.Word: _onWord.Invoke(heard.Text); break;
                case HeardKind.Cue: (heard.Emotion ? _onEmotion : _onGesture).Invoke(heard.Text); break;
            }
        }

        void Transcribed(Transcript transcript)
        {
            if (transcript.Final) _onUserSaid.Invoke(transcript.Text);
        }
    }
}
