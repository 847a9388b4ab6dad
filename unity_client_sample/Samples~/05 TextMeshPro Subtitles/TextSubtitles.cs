#nullable enable
using TMPro;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Subtitles in TextMesh Pro, on a canvas or in the world: what is said, word by word as it is heard, and what the user is
    /// understood to say. Lines of Hebrew and Arabic run from right to left; Arabic needs a plugin that joins its letters.
    /// </summary>
    public sealed class TextSubtitles : CompanionPart
    {
        [SerializeField] TMP_Text? _companion;
        [SerializeField] TMP_Text? _user;

        [Tooltip("Put the companion's name before what it says.")]
        [SerializeField] bool _name = true;

        string _line = "";

        public TMP_Text? CompanionText { get => _companion; set => _companion = value; }
        public TMP_Text? UserText { get => _user; set => _user = value; }

        protected override void Attached(Conversation conversation) => conversation.Transcribed += Transcribed;

        protected override void Detached(Conversation conversation) => conversation.Transcribed -= Transcribed;

        void Transcribed(Transcript transcript) => Show(_user, transcript.Text);

        // After the client's Update, which tells what is heard.
        void LateUpdate()
        {
            if (Conversation == null || ReferenceEquals(Conversation.Subtitles.Line, _line)) return;
            _line = Conversation.Subtitles.Line;
            bool named = _name && _line.Length > 0 && Client!.CompanionName.Length > 0;
            Show(_companion, named ? Client!.CompanionName + ": " + _line : _line);
        }

        static void Show(TMP_Text? on, string text)
        {
            if (on == null) return;
            on.isRightToLeftText = RunsLeft(text);
            on.text = text;
        }

        /// <summary>Whether the first letter that has a direction is one of Hebrew, Arabic or their kin.</summary>
        public static bool RunsLeft(string text)
        {
            foreach (char each in text)
            {
                bool left = (each >= '\u0590' && each <= '\u08ff') || (each >= '\ufb1d' && each <= '\ufdff') || (each >= '\ufe70' && each <= '\ufeff');
                if (left) return true;
                if (char.IsLetter(each)) return false;
            }
            return false;
        }
    }
}
