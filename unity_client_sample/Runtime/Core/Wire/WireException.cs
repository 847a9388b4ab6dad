#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>Bytes that are no message of the protocol, or a value that the protocol cannot carry.</summary>
    public sealed class WireException : Exception
    {
        public WireException(string message) : base(message) { }

        public WireException(string message, Exception cause) : base(message, cause) { }
    }
}
