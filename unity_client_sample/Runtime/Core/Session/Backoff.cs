#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>When to try again: at once, then after pauses that double between two bounds, each times a random 0.5 to 1.</summary>
    internal sealed class Backoff
    {
        readonly double _first, _most;
        readonly Random _random;
        double _pause;

        public Backoff(double first, double most, Random random)
        {
            _first = first;
            _most = most;
            _random = random;
        }

        public void Clear() => _pause = 0;

        /// <summary>Seconds until the next attempt.</summary>
        public double Next()
        {
            double pause = _pause;
            _pause = pause == 0 ? _first : Math.Min(2 * pause, _most);
            return pause * (0.5 + 0.5 * _random.NextDouble());
        }
    }
}
