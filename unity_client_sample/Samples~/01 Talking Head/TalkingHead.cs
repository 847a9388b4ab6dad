#nullable enable
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>What a game does with a conversation: it follows what is heard, word by word, and lights the scene by the companion's mood.</summary>
    public sealed class TalkingHead : CompanionPart
    {
        const float Ease = 2; // 1/s

        [SerializeField] Light? _lamp;

        Color _aim = Color.white;

        public Light? Lamp { get => _lamp; set => _lamp = value; }

        protected override void Attached(Conversation conversation)
        {
            conversation.Welcomed += Welcomed;
            conversation.StateChanged += StateChanged;
            conversation.Transcribed += Transcribed;
            conversation.HeardNow += Heard;
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.Welcomed -= Welcomed;
            conversation.StateChanged -= StateChanged;
            conversation.Transcribed -= Transcribed;
            conversation.HeardNow -= Heard;
        }

        void Welcomed(Welcome welcome) => Debug.Log("Talking to " + welcome.Name + ". " + welcome.Description);

        void StateChanged(CompanionState state) => Debug.Log("The companion is " + state + ".");

        void Transcribed(Transcript transcript)
        {
            if (transcript.Final) Debug.Log("You: " + transcript.Text);
        }

        // Called when the sample is heard, not when the message came: animation started here is in time with the voice.
        void Heard(Heard heard)
        {
            if (heard.Kind == HeardKind.Cue && heard.Emotion) _aim = Mood(heard.Text);
            if (heard.Kind == HeardKind.Cue && !heard.Emotion) Debug.Log("Gesture: " + heard.Text);
            if (heard.Kind == HeardKind.Ended && heard.Cut) Debug.Log("You interrupted.");
        }

        void Update()
        {
            if (_lamp != null) _lamp.color = Color.Lerp(_lamp.color, _aim, Ease * Time.unscaledDeltaTime);
        }

        static Color Mood(string emotion)
        {
            switch (Emotion.Canonical(emotion))
            {
                case "happy": return new Color(1, 0.92f, 0.70f);
                case "sad": return new Color(0.62f, 0.72f, 1);
                case "angry": return new Color(1, 0.62f, 0.55f);
                case "surprised": case "curious": return new Color(0.80f, 1, 0.92f);
                default: return Color.white;
            }
        }
    }
}
