#nullable enable

namespace CompanionBridge
{
    /// <summary>
    /// One WebSocket connection, used once. Events may come on any thread, one at a time, and none after
    /// <see cref="Abort"/> returns on that thread; <see cref="ITransportEvents.OnClosed"/> comes at most once.
    /// </summary>
    public interface ITransport
    {
        /// <summary>Begin to connect; never throws and never waits.</summary>
        void Open(string url, string subprotocol, ITransportEvents events);

        /// <summary>Queue a binary message, which is copied. False when it could not be taken.</summary>
        bool Send(byte[] buffer, int offset, int count);

        /// <summary>Close politely, within a bounded time, after what was queued.</summary>
        void Close();

        /// <summary>Drop the connection at once.</summary>
        void Abort();
    }

    /// <summary>What becomes of a connection.</summary>
    public interface ITransportEvents
    {
        void OnOpened(ITransport from);

        /// <summary>A whole message; the buffer is the transport's and is used again.</summary>
        void OnReceived(ITransport from, byte[] buffer, int offset, int count);

        /// <summary>It never opened, or is closed; 1006 stands for a connection that ended without a close frame.</summary>
        void OnClosed(ITransport from, int code, string reason);
    }
}
