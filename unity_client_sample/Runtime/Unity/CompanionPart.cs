#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A component that belongs to a <see cref="CompanionClient"/>: the one it names, or the nearest above it.</summary>
    public abstract class CompanionPart : MonoBehaviour
    {
        [Tooltip("Empty: the nearest on this object or above it.")]
        [SerializeField] CompanionClient? _client;

        Conversation? _attached;

        public CompanionClient? Client
        {
            get
            {
                if (_client == null) _client = GetComponentInParent<CompanionClient>();
                return _client;
            }
            set
            {
                if (value == _client) return;
                if (_client != null) _client.Ready -= Attach;
                _client = value;
                if (!isActiveAndEnabled) return;
                if (value == null)
                {
                    Detach();
                    return;
                }
                value.Ready += Attach;
                Attach(value.Conversation);
            }
        }

        /// <summary>The conversation, once there is one.</summary>
        protected Conversation? Conversation => _attached;

        protected virtual void OnEnable()
        {
            CompanionClient? client = Client;
            if (client == null)
            {
                Debug.LogWarning("[Companion] " + GetType().Name + " needs a Companion Client on its object or above it.", this);
                return;
            }
            client.Ready += Attach;
            Attach(client.Conversation);
        }

        protected virtual void OnDisable()
        {
            if (_client != null) _client.Ready -= Attach;
            Detach();
        }

        void Attach(Conversation conversation)
        {
            if (_attached == conversation) return;
            Detach();
            _attached = conversation;
            Attached(conversation);
        }

        void Detach()
        {
            if (_attached == null) return;
            Detached(_attached);
            _attached = null;
        }

        /// <summary>A conversation is there: subscribe.</summary>
        protected virtual void Attached(Conversation conversation) { }

        /// <summary>It is gone: unsubscribe.</summary>
        protected virtual void Detached(Conversation conversation) { }
    }
}
