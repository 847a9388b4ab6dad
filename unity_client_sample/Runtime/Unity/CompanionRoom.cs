#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.Events;

namespace CompanionBridge
{
    /// <summary>By what rules people speak in a room.</summary>
    public enum RoomKind
    {
        /// <summary>Whoever is called by name answers.</summary>
        Talk,

        /// <summary>The companion goes through an agenda, gives the word, keeps the time and writes the minutes.</summary>
        Meeting,

        /// <summary>The host is answered aloud, others when they have the word; everybody may ask in private.</summary>
        Class,
    }

    /// <summary>
    /// A room that this conversation opens or enters, on a server with the feature "rooms": who is there, whose floor it is, hands,
    /// the word, private questions, the agenda and the minutes. What it says of the room counts where nobody is in it yet.
    /// </summary>
    [AddComponentMenu("Companion/Companion Room")]
    public sealed class CompanionRoom : CompanionPart
    {
        /// <summary>One of the cast of a room that is opened.</summary>
        [Serializable]
        public sealed class Member
        {
            [Tooltip("Id of an identity of the server; empty: whoever it has.")]
            public string Identity = "";

            [Tooltip("One of that identity's voices; empty: its own.")]
            public string Voice = "";

            [Tooltip("Where it stands in the scene; empty: nowhere.")]
            public Transform? Place;
        }

        /// <summary>An item of a meeting's agenda.</summary>
        [Serializable]
        public sealed class Topic
        {
            public string Title = "";

            [Tooltip("How long it may take; 0: as long as it takes.")]
            public float Minutes;
        }

        [Header("Which room")]
        [SerializeField] string _room = "";

        [Tooltip("Keeps others out: whoever opens the room sets it, whoever enters must have the same.")]
        [SerializeField] string _key = "";

        [Header("Where nobody is in it yet")]
        [SerializeField] RoomKind _kind = RoomKind.Talk;

        [Tooltip("Empty: the companion of the Companion Client alone.")]
        [SerializeField] List<Member> _cast = new List<Member>();

        [SerializeField] List<Topic> _agenda = new List<Topic>();

        [Header("Who is there, by their names")]
        [SerializeField] TextEvent _onCame = new TextEvent();
        [SerializeField] TextEvent _onLeft = new TextEvent();

        [Header("Who speaks")]
        [Tooltip("Gets the name of the companion that begins to be heard, and nothing when nobody is heard any more.")]
        [SerializeField] TextEvent _onFloor = new TextEvent();

        [Tooltip("Gets the name of whoever was given the word, and nothing when it is nobody's.")]
        [SerializeField] TextEvent _onWord = new TextEvent();
        [SerializeField] TextEvent _onHandUp = new TextEvent();
        [SerializeField] TextEvent _onHandDown = new TextEvent();

        [Header("What is said")]
        [Tooltip("Gets what others say, as \"Ben: ...\".")]
        [SerializeField] TextEvent _onSaid = new TextEvent();

        [Tooltip("Gets the answer to a private question, which nobody else is told.")]
        [SerializeField] TextEvent _onPrivateAnswer = new TextEvent();

        [Header("A meeting")]
        [Tooltip("Gets the title of the item that the meeting is at, and nothing when it is over.")]
        [SerializeField] TextEvent _onItem = new TextEvent();

        [Tooltip("Gets the minutes, Markdown: after Ask Minutes, and at the end.")]
        [SerializeField] TextEvent _onMinutes = new TextEvent();

        RoomState? _now;

        public string Room { get => _room; set => _room = value; }
        public string Key { get => _key; set => _key = value; }
        public RoomKind Kind { get => _kind; set => _kind = value; }
        public List<Member> Cast => _cast;
        public List<Topic> Agenda => _agenda;
        public TextEvent OnCame => _onCame;
        public TextEvent OnLeft => _onLeft;
        public TextEvent OnFloor => _onFloor;
        public TextEvent OnWord => _onWord;
        public TextEvent OnHandUp => _onHandUp;
        public TextEvent OnHandDown => _onHandDown;
        public TextEvent OnSaid => _onSaid;
        public TextEvent OnPrivateAnswer => _onPrivateAnswer;
        public TextEvent OnItem => _onItem;
        public TextEvent OnMinutes => _onMinutes;

        /// <summary>The room as it was told last; null outside of it.</summary>
        public RoomState? Now => _now;

        /// <summary>Name of the companion that is heard; empty: none.</summary>
        public string Floor { get; private set; } = "";

        public void RaiseHand() => Do(RoomOp.Hand);

        public void LowerHand() => Do(RoomOp.Lower);

        /// <summary>As a host, give somebody the word, by their name.</summary>
        public void Give(string name) => Do(RoomOp.Give, name);

        /// <summary>As a host, begin the meeting, or go on to the next item.</summary>
        public void NextItem() => Do(RoomOp.Next);

        public void AskMinutes() => Do(RoomOp.Minutes);

        /// <summary>As a host, end the meeting.</summary>
        public void EndMeeting() => Do(RoomOp.End);

        /// <summary>Ask in private; <see cref="OnPrivateAnswer"/> follows.</summary>
        public void AskPrivately(string text)
        {
            if (Conversation == null || !Conversation.AskPrivately(text)) Refused();
        }

        internal void Write(Hello hello)
        {
            hello.Room = Clip(_room, 64);
            hello.RoomKey = Clip(_key, 4096);
            hello.RoomKind = _kind.ToString().ToLowerInvariant();
            hello.RoomCast = _cast.Select(Made).ToArray();
            hello.RoomAgenda = _agenda.Where(each => each.Title.Trim().Length > 0).Select(each => new RoomTopic { Title = each.Title.Trim(), Minutes = Math.Max(0, each.Minutes) }).ToArray();
        }

        protected override void Attached(Conversation conversation)
        {
            conversation.RoomChanged += Take;
            conversation.OtherSaid += Heard;
            conversation.FloorChanged += Floors;
            conversation.StatusChanged += Status;
            if (conversation.Room != null) Take(conversation.Room);
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.RoomChanged -= Take;
            conversation.OtherSaid -= Heard;
            conversation.FloorChanged -= Floors;
            conversation.StatusChanged -= Status;
            Empty();
        }

        // What has changed since the room was told last; a name stands for whoever has it.
        void Take(RoomState room)
        {
            RoomState? before = _now;
            _now = room;
            HashSet<string> were = Names(before, person => person.Here), are = Names(room, person => person.Here);
            HashSet<string> hadUp = Names(before, person => person.Hand), haveUp = Names(room, person => person.Hand);
            foreach (string name in were.Where(each => !are.Contains(each))) _onLeft.Invoke(name);
            foreach (string name in are.Where(each => !were.Contains(each))) _onCame.Invoke(name);
            foreach (string name in hadUp.Where(each => !haveUp.Contains(each))) _onHandDown.Invoke(name);
            foreach (string name in haveUp.Where(each => !hadUp.Contains(each))) _onHandUp.Invoke(name);
            if (room.Word != (before?.Word ?? "")) _onWord.Invoke(room.Word);
            if (Item(room) != Item(before)) _onItem.Invoke(Item(room));
            if (room.Minutes.Length > 0) _onMinutes.Invoke(room.Minutes);
        }

        void Heard(Said said)
        {
            if (said.Private) _onPrivateAnswer.Invoke(said.Text);
            else _onSaid.Invoke(said.By + ": " + said.Text);
        }

        void Floors(string key)
        {
            RoomCompanion? speaks = _now?.Companions.FirstOrDefault(each => each.Key == key);
            Floor = key.Length == 0 ? "" : speaks?.Identity.Name ?? (Client != null ? Client.CompanionName : "");
            _onFloor.Invoke(Floor);
        }

        // A connection that is being mended leaves the room as it is.
        void Status(SessionStatus status, SessionFault? fault)
        {
            if (status == SessionStatus.Over || status == SessionStatus.Waiting) Empty();
        }

        void Empty()
        {
            RoomState? before = _now;
            _now = null;
            foreach (string name in Names(before, person => person.Here)) _onLeft.Invoke(name);
            if (Floor.Length > 0) Floors("");
        }

        void Do(RoomOp op, string whom = "")
        {
            if (Conversation == null || !Conversation.DoInRoom(op, whom)) Refused();
        }

        void Refused() => CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, "Not sent: there is no room yet, or nobody and nothing was named.", this);

        static CastMember Made(Member each, int index)
        {
            CastMember made = new CastMember { Identity = each.Identity, Voice = each.Voice, Companion = index == 0 ? "main" : "" };
            if (each.Place == null) return made;
            Vector3 at = each.Place.position;
            made.HasPlace = true;
            made.Right = at.x;
            made.Up = at.y;
            made.Forward = at.z;
            return made;
        }

        static HashSet<string> Names(RoomState? room, Func<RoomPerson, bool> which) => new HashSet<string>((room?.People ?? Array.Empty<RoomPerson>()).Where(which).Select(each => each.Name));

        static string Item(RoomState? room) => room != null && room.Item > 0 && room.Item <= room.Agenda.Count ? room.Agenda[room.Item - 1].Title : "";

        static string Clip(string text, int most) => text.Length <= most ? text : text.Substring(0, most);
    }
}
