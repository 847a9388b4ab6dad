#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>
    /// When a microphone that failed is opened again: at once after one that worked, then after pauses that double up to a
    /// minute. One that was refused waits until the user wants it again.
    /// </summary>
    public sealed class MicrophoneTries
    {
        const double First = 2, Most = 60; // s
        const double Works = 5; // s of sound after which a failure is a new one
        const double Least = 1; // s between two attempts, however often the user presses

        readonly Backoff _backoff = new Backoff(First, Most, new Random(1));
        double _next = double.NegativeInfinity, _began = double.NegativeInfinity;
        bool _refused;

        /// <summary>Whether it may be opened now.</summary>
        public bool Due(double now) => !_refused && now >= _next;

        /// <summary>The user wants it: what is waited for comes sooner.</summary>
        public void Want()
        {
            _refused = false;
            _next = Math.Min(_next, _began + Least);
        }

        /// <summary>An attempt begins.</summary>
        public void Begin(double now) => _began = _next = now;

        /// <summary>The user or the system is still being asked, who answers in their own time.</summary>
        public void Ask(double now) => _next = now + First;

        /// <summary>It delivers sound; true when it has for so long that a failure from now on is a new one.</summary>
        public bool Heard(double now)
        {
            bool works = now - _began >= Works;
            if (works) _backoff.Clear();
            return works;
        }

        /// <summary>It failed.</summary>
        public void Fail(double now, bool refused)
        {
            _next = now + _backoff.Next();
            _refused = refused;
        }
    }
}
