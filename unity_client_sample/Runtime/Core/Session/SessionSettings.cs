#nullable enable
using System;

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

        /// <summary>Gives a token for each connection, where tokens expire; null: <see cref="CompanionBridge.Hello.Token"/> as it is.</summary>
        public Func<string>? FreshToken;

        /// <summary>Seconds for a connection to open and be welcomed.</summary>
        public double OpenSeconds = 10;

        /// <summary>Seconds between pings, and the silence after one that means a dead line.</summary>
        public double PingSeconds = 5, DeadSeconds = 8;

        /// <summary>Seed of the pauses between attempts.</summary>
        public int Seed = Environment.TickCount;
    }
}
