#nullable enable
using System;
using System.Collections.Generic;
using CompanionBridge.Demo;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Several companions in a room: the one that you look at is addressed, A or X lets it hear, and the others overhear what is
    /// said by you and by each of them. Fails closed, like every key here.
    /// </summary>
    public sealed class RoomTalk : MonoBehaviour
    {
        const float Held = 0.05f; // s of vibration when it begins to listen
        const float Stickiness = 8; // degrees that another must be nearer to the middle to be addressed

        [SerializeField] List<CompanionClient> _clients = new List<CompanionClient>();
        [SerializeField] List<CompanionMicrophone> _microphones = new List<CompanionMicrophone>();

        [Tooltip("Degrees from the middle of the view within which one is addressed.")]
        [SerializeField] float _cone = 30;

        readonly TalkButton _button = new TalkButton();
        readonly List<Action> _leave = new List<Action>();

        /// <summary>Whom the player looks at, or looked at last; -1 for nobody.</summary>
        public int Addressed { get; private set; } = -1;

        /// <summary>Whether the button is down and somebody listens.</summary>
        public bool IsDown { get; private set; }

        public void Add(CompanionClient client, CompanionMicrophone microphone)
        {
            _clients.Add(client);
            _microphones.Add(microphone);
            microphone.Mode = ListenMode.PushToTalk;
        }

        void OnEnable()
        {
            for (int at = 0; at < _clients.Count; at++) Listen(at);
        }

        void OnDisable()
        {
            Hold(false);
            foreach (Action each in _leave) each();
            _leave.Clear();
        }

        void OnApplicationFocus(bool focused)
        {
            if (!focused) Hold(false);
        }

        void Update()
        {
            // Who listens goes on listening, wherever the player looks meanwhile.
            if (!IsDown) Look();
            bool down = _button.Step();
            if (down != IsDown) Hold(down);
        }

        void Look()
        {
            Camera camera = Camera.main;
            if (camera == null) return;
            int best = -1;
            float least = _cone;
            for (int at = 0; at < _clients.Count; at++)
            {
                float angle = Vector3.Angle(camera.transform.forward, _clients[at].transform.position + new Vector3(0, DemoStage.EyeHeight, 0) - camera.transform.position);
                if (at == Addressed) angle -= Stickiness;
                if (angle >= least) continue;
                least = angle;
                best = at;
            }
            if (best >= 0) Addressed = best;
        }

        void Hold(bool down)
        {
            if (down == IsDown || Addressed < 0) return;
            IsDown = down;
            if (!down)
            {
                _microphones[Addressed].Release();
                return;
            }
            _microphones[Addressed].Press();
            _button.Vibrate(Held);
        }

        // What one hears and says, the others know.
        void Listen(int at)
        {
            CompanionClient client = _clients[at];
            System.Text.StringBuilder words = new System.Text.StringBuilder();
            Action<Heard> heard = one =>
            {
                if (one.Kind == HeardKind.Began) words.Clear();
                else if (one.Kind == HeardKind.Word) words.Append(words.Length > 0 ? one.Gap : one.Gap.TrimStart()).Append(one.Text);
                else if (one.Kind == HeardKind.Ended && words.Length > 0) Tell(at, Name(at) + " says: " + words);
            };
            Action<Transcript> understood = told =>
            {
                if (told.Final) Tell(at, "The player says to " + Name(at) + ": " + told.Text);
            };
            Conversation? current = null;
            void Leave()
            {
                if (current == null) return;
                current.HeardNow -= heard;
                current.Transcribed -= understood;
            }
            Action<Conversation> attach = made =>
            {
                Leave();
                current = made;
                made.HeardNow += heard;
                made.Transcribed += understood;
            };
            attach(client.Conversation);
            client.Ready += attach;
            _leave.Add(() =>
            {
                client.Ready -= attach;
                Leave();
            });
        }

        void Tell(int but, string sentence)
        {
            for (int at = 0; at < _clients.Count; at++)
                if (at != but) _clients[at].Happened(sentence);
        }

        string Name(int at) => _clients[at].CompanionName.Length > 0 ? _clients[at].CompanionName : _clients[at].name;
    }
}
