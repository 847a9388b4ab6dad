#nullable enable

namespace CompanionBridge
{
    /// <summary>How the conversation stands.</summary>
    public enum SessionStatus
    {
        /// <summary>Nothing was asked for yet.</summary>
        Idle,

        /// <summary>The first connection is being made.</summary>
        Connecting,

        /// <summary>Messages flow.</summary>
        Open,

        /// <summary>The connection was lost and is being mended; the session goes on.</summary>
        Lost,

        /// <summary>It ended for a reason that passes; a new session is tried after a while.</summary>
        Waiting,

        /// <summary>It is over.</summary>
        Over,
    }

    /// <summary>Why a conversation ended or was refused: a code for machines, a sentence for people.</summary>
    public sealed class SessionFault
    {
        public SessionFault(string code, string message, double retryAfter = 0)
        {
            Code = code;
            Message = message;
            RetryAfter = retryAfter;
        }

        /// <summary>A code of the protocol, or unreachable, connection_lost, unpaced, bad_message, no_token, closed.</summary>
        public string Code { get; }

        public string Message { get; }

        /// <summary>Seconds after which it is worth coming back; 0 when nobody said.</summary>
        public double RetryAfter { get; }

        /// <summary>Whether a new session may succeed later without anyone changing anything.</summary>
        public bool Passing
        {
            get
            {
                switch (Code)
                {
                    case "going_away": case "server_full": case "user_full": case "internal":
                    case "unreachable": case "connection_lost": case "unpaced": case "no_token":
                        return true;
                    default:
                        return false;
                }
            }
        }

        public override string ToString() => Message + " (" + Code + ")";
    }

    /// <summary>What a close of the WebSocket means for the session; the table of the protocol's errors and closes.</summary>
    internal enum CloseVerdict { Kept, Ended, Bye }

    internal static class Closes
    {
        public static CloseVerdict Of(int code, string reason, ServerError? fatal)
        {
            if (code == 1000) return CloseVerdict.Bye;
            if (code == 1001) return reason == "going_away" || fatal?.Code == "going_away" ? CloseVerdict.Ended : CloseVerdict.Kept;
            if (code == 4000 || code == 4004 || code == 4031) return CloseVerdict.Kept;
            return code >= 4000 && code < 5000 ? CloseVerdict.Ended : CloseVerdict.Kept;
        }

        /// <summary>The protocol's code of a close that came without an error.</summary>
        public static SessionFault Fault(int code, string reason, ServerError? fatal)
        {
            if (fatal != null) return new SessionFault(fatal.Code, fatal.Message, fatal.RetryAfter);
            string name = reason.Length > 0 ? reason : "close_" + code;
            return new SessionFault(name, "The server closed the conversation: " + Sentence(name));
        }

        static string Sentence(string name)
        {
            switch (name)
            {
                case "unauthorized": return "it wants an access token.";
                case "token_expired": return "the access token has expired.";
                case "forbidden": return "the access token does not allow this.";
                case "unsupported_version": return "it speaks another version of the protocol.";
                case "server_full": return "all places are taken.";
                case "user_full": return "this user has too many conversations.";
                case "idle_timeout": return "nothing was said for a long time.";
                case "session_taken": return "another client took it over.";
                case "going_away": return "it is going down.";
                default: return name + ".";
            }
        }
    }
}
