#nullable enable
using System;
using UnityEngine;
using UnityEngine.Events;

namespace CompanionBridge
{
    /// <summary>A UnityEvent with a text.</summary>
    [Serializable]
    public sealed class TextEvent : UnityEvent<string> { }

    /// <summary>
    /// Shows what is said, word by word as it is heard: in a TextMesh, or wherever the event is wired to. A TextMesh shows
    /// letters from left to right and does not join those of Arabic: for Arabic, Hebrew and the like wire the events to
    /// UI Toolkit with the advanced text generator, or to TextMesh Pro with isRightToLeftText and a shaping plugin.
    /// </summary>
    [AddComponentMenu("Companion/Companion Subtitles")]
    public sealed class CompanionSubtitles : CompanionPart
    {
        [Tooltip("Optional.")]
        [SerializeField] TextMesh? _companionText;

        [Tooltip("Optional: what the user is understood to say.")]
        [SerializeField] TextMesh? _userText;

        [SerializeField] TextEvent _onCompanionLine = new TextEvent();
        [SerializeField] TextEvent _onUserLine = new TextEvent();

        string _line = "", _user = "";

        public TextEvent OnCompanionLine => _onCompanionLine;
        public TextEvent OnUserLine => _onUserLine;
        public TextMesh? CompanionText { get => _companionText; set => _companionText = value; }
        public TextMesh? UserText { get => _userText; set => _userText = value; }

        protected override void Attached(Conversation conversation) => conversation.Transcribed += Transcribed;

        protected override void Detached(Conversation conversation) => conversation.Transcribed -= Transcribed;

        void Transcribed(Transcript transcript)
        {
            _user = transcript.Text;
            if (_userText != null) _userText.text = _user;
            _onUserLine.Invoke(_user);
        }

        void LateUpdate()
        {
            if (Conversation == null || ReferenceEquals(Conversation.Subtitles.Line, _line)) return;
            _line = Conversation.Subtitles.Line;
            if (_companionText != null) _companionText.text = _line;
            _onCompanionLine.Invoke(_line);
        }
    }
}
