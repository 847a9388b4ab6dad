#nullable enable

namespace CompanionBridge
{
    /// <summary>
    /// Takes what a session admits: each message once, none of a reply that was cut. Called on the transport's thread
    /// while the session is locked, so it only stores and returns. Raw bytes come before the typed call.
    /// </summary>
    public interface ISessionEvents : IServerMessages
    {
        void OnStatus(SessionStatus status, SessionFault? fault);

        /// <summary>The bytes of the message whose typed call follows; valid during the call.</summary>
        void OnRaw(byte[] buffer, int offset, int count);
    }
}
