#nullable enable
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// Tells the server where the playhead is: every 200 ms while a turn plays, and when it ended or was dropped. What is told
    /// is what is heard, the latency of the output taken off. Called from one thread at a time.
    /// </summary>
    internal sealed class Reporter
    {
        const double Every = 0.2; // s

        readonly Session _session;
        readonly Voice _voice;
        readonly Queue<Point> _pending = new Queue<Point>(16);
        Playout? _playout;
        double _next;
        long _turn, _pts; // told last
        bool _now;

        public Reporter(Session session, Voice voice)
        {
            _session = session;
            _voice = voice;
        }

        /// <summary>The connection was mended: report at once.</summary>
        public void Soon() => _now = true;

        // A new session: what is pending is of the old one.
        void Clear()
        {
            _pending.Clear();
            _turn = _pts = 0;
        }

        public void Step(double now)
        {
            Playout? playout = _voice.Playout;
            if (playout == null) return;
            if (playout != _playout)
            {
                _playout = playout;
                Clear();
            }
            while (playout.Reports.TryRead(out Point point))
            {
                if (point.Kind == PointKind.Reset) Clear();
                else if (point.Kind == PointKind.Run || point.Kind == PointKind.End) _pending.Enqueue(point);
            }
            double heard = _voice.Heard(now);
            while (_pending.Count > 0 && (_pending.Peek().Cut || heard < 0 || _pending.Peek().Air <= heard))
            {
                Point point = _pending.Dequeue();
                Report(point.Turn, point.Sample * Ticks.PerSecond / playout.Rate, now);
            }
            if (now < _next && !_now) return;
            playout.Playhead(out long turn, out long pts);
            if (turn > 0 || _now) Report(turn, turn == 0 ? 0 : Behind(playout, pts, heard), now);
            _now = false;
        }

        static long Behind(Playout playout, long pts, double heard)
        {
            double late = heard < 0 ? 0 : (playout.Air - heard) * Ticks.PerSecond / playout.Rate;
            return late <= 0 ? pts : late >= pts ? 0 : pts - (long)late;
        }

        void Report(long turn, long pts, double now)
        {
            _next = now + Every;
            // What was heard stays heard, whatever the latency is reckoned to be.
            if (turn == _turn && pts < _pts) pts = _pts;
            _turn = turn;
            _pts = pts;
            _session.SendPlayhead(turn, pts);
        }
    }
}
