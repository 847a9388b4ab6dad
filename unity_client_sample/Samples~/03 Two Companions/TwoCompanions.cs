#nullable enable
using System;
using System.Collections.Generic;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Two companions, each with a connection, a voice and a clock of its own. What the player types or says goes to the one that
    /// is addressed; the other overhears it, and may be asked to answer what it heard. Point each client at its own server to
    /// have two persons.
    /// </summary>
    public sealed class TwoCompanions : MonoBehaviour
    {
        const int MostExchanges = 4; // between the companions, until the player speaks again

        [SerializeField] List<CompanionClient> _clients = new List<CompanionClient>();
        [SerializeField] List<CompanionMicrophone> _microphones = new List<CompanionMicrophone>();

        [Tooltip("They also answer each other, a few times.")]
        [SerializeField] bool _talkToEachOther;

        readonly List<Action> _leave = new List<Action>();
        string _typed = "";
        int _addressed, _exchanges;
        bool _held;

        public void Add(CompanionClient client, CompanionMicrophone microphone)
        {
            _clients.Add(client);
            _microphones.Add(microphone);
            microphone.Mode = ListenMode.PushToTalk;
        }

        /// <summary>Whom the player talks to.</summary>
        public int Addressed => _addressed;

        public bool TalkToEachOther { get => _talkToEachOther; set => _talkToEachOther = value; }

        public void Address(int index)
        {
            if (index < 0 || index >= _clients.Count || index == _addressed) return;
            Hold(false);
            _addressed = index;
        }

        /// <summary>The player says this to the one that is addressed; the others overhear it.</summary>
        public void Say(string text)
        {
            text = text.Trim();
            if (text.Length == 0) return;
            _exchanges = 0;
            for (int at = 0; at < _clients.Count; at++)
                if (at == _addressed) _clients[at].Say(text);
                else _clients[at].Happened("The player says to " + Name(_addressed) + ": " + text);
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

        void Listen(int at)
        {
            CompanionClient client = _clients[at];
            System.Text.StringBuilder words = new System.Text.StringBuilder();
            Action<Heard> heard = one =>
            {
                if (one.Kind == HeardKind.Began) words.Clear();
                else if (one.Kind == HeardKind.Word) words.Append(words.Length > 0 ? one.Gap : one.Gap.TrimStart()).Append(one.Text);
                else if (one.Kind == HeardKind.Ended && words.Length > 0) Spoken(at, words.ToString(), one.Cut);
            };
            Conversation? current = null;
            Action<Conversation> attach = made =>
            {
                if (current != null) current.HeardNow -= heard;
                current = made;
                made.HeardNow += heard;
            };
            attach(client.Conversation);
            client.Ready += attach;
            _leave.Add(() =>
            {
                client.Ready -= attach;
                if (current != null) current.HeardNow -= heard;
            });
        }

        // What one has really said, the others have heard.
        void Spoken(int by, string words, bool cut)
        {
            bool answer = _talkToEachOther && !cut && _exchanges < MostExchanges;
            if (answer) _exchanges++;
            for (int at = 0; at < _clients.Count; at++)
            {
                if (at == by) continue;
                string told = Name(by) + " says: " + words;
                if (answer) _clients[at].HappenedAndRespond(told);
                else _clients[at].Happened(told);
            }
        }

        string Name(int at) => _clients[at].CompanionName.Length > 0 ? _clients[at].CompanionName : _clients[at].name;

        void Hold(bool down)
        {
            if (down == _held || _addressed >= _microphones.Count) return;
            _held = down;
            if (down) _microphones[_addressed].Press();
            else _microphones[_addressed].Release();
        }

        void OnGUI()
        {
            float top = Screen.height - 72;
            for (int at = 0; at < _clients.Count; at++)
                if (GUI.Button(new Rect(8 + 160 * at, top, 152, 28), (at == _addressed ? "> " : "") + Name(at))) Address(at);
            GUI.Label(new Rect(8 + 160 * _clients.Count, top + 4, 400, 24), "Companions answer each other: " + (_talkToEachOther ? "yes" : "no"));
            if (GUI.Button(new Rect(8 + 160 * _clients.Count + 230, top, 72, 28), "Change")) _talkToEachOther = !_talkToEachOther;
            _typed = GUI.TextField(new Rect(8, top + 36, 480, 28), _typed, 2000);
            if (GUI.Button(new Rect(496, top + 36, 64, 28), "Say"))
            {
                Say(_typed);
                _typed = "";
            }
            bool down = GUI.RepeatButton(new Rect(568, top + 36, 90, 28), "Hold: talk");
            // A repeat button tells how it stands when it is painted; at other events it says no although it is held.
            if (Event.current != null && Event.current.type == EventType.Repaint) Hold(down);
        }
    }
}
