#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>Blinks of one's own for a face that nobody animates: every 2 to 6 s, 60 ms to close, 110 ms to open.</summary>
    public sealed class Blinks
    {
        const double Close = 0.06, Hold = 0.03, Open = 0.11;

        readonly Random _random;
        double _until, _since = double.PositiveInfinity;

        public Blinks(int seed)
        {
            _random = new Random(seed);
            _until = Pause();
        }

        /// <summary>Go on by <paramref name="seconds"/>; how far the lids are closed, 0..1.</summary>
        public float Step(double seconds)
        {
            _until -= seconds;
            _since += seconds;
            if (_until <= 0)
            {
                _since = 0;
                // One in eight is double.
                _until = _random.Next(8) == 0 ? Close + Hold + Open + 0.08 : Pause();
            }
            if (_since < Close) return Smooth(_since / Close);
            if (_since < Close + Hold) return 1;
            return _since < Close + Hold + Open ? 1 - Smooth((_since - Close - Hold) / Open) : 0;
        }

        double Pause() => 2 + 4 * Math.Pow(_random.NextDouble(), 1.5);

        static float Smooth(double share) => (float)(share * share * (3 - 2 * share));
    }
}
