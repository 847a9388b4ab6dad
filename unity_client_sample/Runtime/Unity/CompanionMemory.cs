#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.Events;

namespace CompanionBridge
{
    /// <summary>Whether the user agrees to be remembered from one conversation to the next.</summary>
    public enum MemoryConsent
    {
        /// <summary>As they last said; no where nobody was asked.</summary>
        AsBefore,
        Agreed,
        Refused,
    }

    /// <summary>
    /// What the companion remembers of the user, on a server with the feature "memory": their consent, which you ask for in
    /// words; what is known; forgetting it; and a blob that travels in the game's own save.
    /// </summary>
    [AddComponentMenu("Companion/Companion Memory")]
    public sealed class CompanionMemory : CompanionPart
    {
        [Tooltip("Told to the server when a conversation begins. Leave it as before until you have asked the user.")]
        [SerializeField] MemoryConsent _consent = MemoryConsent.AsBefore;

        [Tooltip("Gets what is remembered, a line for each fact, after Tell.")]
        [SerializeField] TextEvent _onTold = new TextEvent();

        [Tooltip("The memory was switched on, with a server that has one.")]
        [SerializeField] UnityEvent _onOn = new UnityEvent();

        [SerializeField] UnityEvent _onOff = new UnityEvent();

        MemoryFact[] _facts = Array.Empty<MemoryFact>();

        public MemoryConsent Consent { get => _consent; set => _consent = value; }
        public TextEvent OnTold => _onTold;
        public UnityEvent OnOn => _onOn;
        public UnityEvent OnOff => _onOff;

        /// <summary>Whether the server can remember users.</summary>
        public bool IsAvailable => Conversation != null && Conversation.HasMemory;

        /// <summary>Whether this user is remembered now.</summary>
        public bool IsOn { get; private set; }

        /// <summary>What was told last, what matters most first.</summary>
        public IReadOnlyList<MemoryFact> Facts => _facts;

        /// <summary>Each answer of the server.</summary>
        public event Action<MemoryAnswer>? Answered;

        /// <summary>What to keep in the game's save, unchanged; after <see cref="Export"/>.</summary>
        public event Action<byte[]>? Exported;

        /// <summary>The user agrees to be remembered.</summary>
        public void Agree() => Decide(MemoryConsent.Agreed, MemoryOp.Agree);

        /// <summary>The user no longer agrees; nothing is deleted by that.</summary>
        public void Refuse() => Decide(MemoryConsent.Refused, MemoryOp.Refuse);

        /// <summary>Ask what is remembered.</summary>
        public void Tell() => Ask(MemoryOp.Tell);

        /// <summary>Delete everything, for good.</summary>
        public void Erase() => Ask(MemoryOp.Erase);

        /// <summary>Ask for the blob.</summary>
        public void Export() => Ask(MemoryOp.Export);

        /// <summary>Delete one fact, for good.</summary>
        public void Forget(MemoryFact fact) => Check(Conversation != null && Conversation.ForgetFacts(new[] { fact.Id }));

        /// <summary>Give back what was exported; of this user, this companion and this server alone.</summary>
        public void Import(byte[] blob) => Check(Conversation != null && Conversation.ImportMemory(blob));

        /// <summary>What hello says of it.</summary>
        internal string Word => _consent == MemoryConsent.Agreed ? "on" : _consent == MemoryConsent.Refused ? "off" : "";

        protected override void Attached(Conversation conversation)
        {
            conversation.Welcomed += Welcomed;
            conversation.MemoryTold += Take;
            Welcome? now = conversation.Session.Welcome;
            if (now != null) Welcomed(now);
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.Welcomed -= Welcomed;
            conversation.MemoryTold -= Take;
            _facts = Array.Empty<MemoryFact>();
        }

        void Decide(MemoryConsent consent, MemoryOp op)
        {
            _consent = consent;
            Ask(op);
        }

        void Ask(MemoryOp op) => Check(Conversation != null && Conversation.AskMemory(op));

        void Check(bool asked)
        {
            if (!asked) CompanionLog.Problem(Client != null ? Client.Log : CompanionLogLevel.Problems, "Not asked: the server has no memory, or there is no connection yet.", this);
        }

        void Welcomed(Welcome welcome) => Become(welcome.Memory);

        void Take(MemoryAnswer answer)
        {
            Become(answer.On);
            switch (answer.Op)
            {
                case MemoryOp.Tell:
                    _facts = answer.Facts.ToArray();
                    _onTold.Invoke(string.Join("\n", _facts.Select(fact => fact.Text)));
                    break;
                case MemoryOp.Erase: _facts = Array.Empty<MemoryFact>(); break;
                case MemoryOp.Forget: case MemoryOp.Import: Tell(); break;
                case MemoryOp.Export: Exported?.Invoke(answer.Blob); break;
            }
            Answered?.Invoke(answer);
        }

        void Become(bool on)
        {
            if (on == IsOn) return;
            IsOn = on;
            (on ? _onOn : _onOff).Invoke();
        }
    }
}
