#nullable enable
using System;
using System.Threading.Tasks;

namespace CompanionBridge
{
    /// <summary>Where and how to connect.</summary>
    public sealed class SessionSettings
    {
        public const string Subprotocol = "companion.v1.msgpack";

        public string Url = "ws://127.0.0.1:8765";
        public Hello Hello = new Hello();

        /// <summary>Open a new session by itself when one ended for a reason that passes (server restarts, full, unreachable).</summary>
        public bool KeepTrying = true;

        /// <summary>
        /// Begins to fetch a token before each connection, where tokens expire, and returns at once: it is called while the
        /// session is locked. "" or a failure: there is none. Null: <see cref="CompanionBridge.Hello.Token"/> as it is.
        /// </summary>
        public Func<Task<string>>? FreshToken;

        /// <summary>Seconds for a token to come, and for a connection to open and be welcomed.</summary>
        public double OpenSeconds = 10;

        /// <summary>Seconds between pings, and the silence after one that means a dead line.</summary>
        public double PingSeconds = 5, DeadSeconds = 8;

        /// <summary>The same in the middle of a turn whose buffer has run dry.</summary>
        public double DryPingSeconds = 1, DryDeadSeconds = 2;

        /// <summary>Seed of the pauses between attempts.</summary>
        public int Seed = Environment.TickCount;
    }
}
