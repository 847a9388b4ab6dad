#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// What a room's shared clock asks of this device: at which sample of the stream a piece of sound is due, and how fast to
    /// play. From any thread; it is told the time. Outside of rooms, and without <c>media.at</c>, it asks nothing.
    /// </summary>
    public sealed class Together
    {
        const int Most = 4096; // pieces that wait to be heard; the oldest go

        readonly object _gate = new object();
        readonly Queue<(long turn, long pts, double at)> _pieces = new Queue<(long, long, double)>();
        InStep _step = new InStep();
        (long turn, long pts, double at) _heard;

        /// <summary>Whether this conversation is in a room.</summary>
        public bool Room { get; set; }

        /// <summary>How far the server's clock is ahead of this one, ms; NaN while that is not known.</summary>
        public double Ahead
        {
            get { lock (_gate) return _step.Known ? _step.Offset : double.NaN; }
        }

        /// <summary>The session is a new one.</summary>
        public void Reset()
        {
            lock (_gate)
            {
                _step = new InStep();
                _pieces.Clear();
                _heard = default;
            }
        }

        /// <summary>Whether the server's clock is to be asked for, and note that it is.</summary>
        public bool Due(double now)
        {
            lock (_gate) return Room && _step.Due(now);
        }

        public void Pong(double stamp, double server, double now)
        {
            lock (_gate)
                if (Room) _step.Pong(stamp, server, now);
        }

        /// <summary>Take a piece of sound: the ms of this clock at which it is due, NaN where nobody says.</summary>
        public double Place(long turn, long pts, double at)
        {
            if (!(at > 0) || turn <= 0) return double.NaN;
            lock (_gate)
            {
                if (!Room) return double.NaN;
                if (_pieces.Count == Most) _pieces.Dequeue();
                _pieces.Enqueue((turn, pts, at));
                return _step.Known ? _step.Here(at) : double.NaN;
            }
        }

        /// <summary>How fast to play, where <paramref name="pts"/> of a turn is audible at <paramref name="now"/> and moves: 1 as it is.</summary>
        public double Speed(long turn, double pts, double now)
        {
            lock (_gate)
            {
                while (_pieces.Count > 0 && (_pieces.Peek().turn < turn || (_pieces.Peek().turn == turn && (_heard.turn != turn || _pieces.Peek().pts <= pts))))
                    _heard = _pieces.Dequeue();
                if (_heard.turn != turn || turn == 0) return 1;
                double speed = _step.Speed(_heard.at + (pts - _heard.pts) * 1000 / Ticks.PerSecond, now);
                // What is too far off begins anew with its next piece, which knows when it is due.
                return speed > 0 && !double.IsInfinity(speed) ? speed : 1;
            }
        }
    }
}
