#nullable enable
using System;
using System.Threading;

namespace CompanionBridge
{
    /// <summary>
    /// The voice as a sound output takes it: the stream of a <see cref="Playout"/> at the output's own rate, and the clock that
    /// says which part of it is heard. The output calls <see cref="Fill"/> on its thread; the rest may come from any.
    /// </summary>
    public sealed class Voice : ISampleSource
    {
        readonly PlayoutClock _clock = new PlayoutClock();
        Playout? _playout, _read;
        Resampler? _resampler;
        int _wantedRate = 48000, _rate, _again, _seen;
        long _outputs;
        double _from, _latency;
        float _level;

        /// <summary>Play from this stream from now on.</summary>
        public void Attach(Playout playout) => Volatile.Write(ref _playout, playout);

        public Playout? Playout => Volatile.Read(ref _playout);

        /// <summary>The output's samples a second, as they are from now on.</summary>
        public int OutputRate
        {
            get => Volatile.Read(ref _wantedRate);
            set => Volatile.Write(ref _wantedRate, value);
        }

        /// <summary>Seconds from the mixer to the ear.</summary>
        public double Latency
        {
            get => Volatile.Read(ref _latency);
            set => Volatile.Write(ref _latency, value);
        }

        /// <summary>Loudness of what went to the mixer last, 0..1.</summary>
        public float Level => Volatile.Read(ref _level);

        /// <summary>The output was rebuilt (device change, pause): its clock begins anew, the stream goes on where it was.</summary>
        public void Restart() => Interlocked.Increment(ref _again);

        /// <summary>The next <paramref name="count"/> samples, which the mixer asks for at <paramref name="wall"/> seconds.</summary>
        public void Fill(float[] mono, int offset, int count, double wall)
        {
            Playout? playout = Volatile.Read(ref _playout);
            if (playout == null)
            {
                Array.Clear(mono, offset, count);
                return;
            }
            int rate = Volatile.Read(ref _wantedRate), again = Volatile.Read(ref _again);
            if (_resampler == null || playout != _read || rate != _rate || again != _seen)
            {
                _resampler = new Resampler(playout.Rate, rate);
                _read = playout;
                _rate = rate;
                _seen = again;
                _outputs = 0;
                _from = playout.Air / (double)playout.Rate;
                _clock.Reset();
            }
            _clock.OnBlock(wall, _from + _outputs / (double)rate, count / (double)rate);
            _resampler.Read(this, mono, offset, count);
            _outputs += count;
            double power = 0;
            for (int index = offset; index < offset + count; index++) power += mono[index] * mono[index];
            Volatile.Write(ref _level, (float)Math.Min(1, 4 * Math.Sqrt(power / Math.Max(1, count))));
        }

        void ISampleSource.Read(short[] into, int offset, int count) => _read!.Read(into, offset, count);

        /// <summary>The sample of the stream that is heard at <paramref name="wall"/>; below 0 when nothing plays yet.</summary>
        public double Heard(double wall)
        {
            double at = _clock.At(wall);
            Playout? playout = Volatile.Read(ref _playout);
            return at < 0 || playout == null ? -1 : (at - Latency) * playout.Rate;
        }

        /// <summary>The sample of the stream that will be heard at <paramref name="wall"/>, however far ahead that is; NaN when nothing plays yet.</summary>
        public double SampleAt(double wall)
        {
            double at = _clock.Ahead(wall);
            Playout? playout = Volatile.Read(ref _playout);
            return playout == null ? double.NaN : (at - Latency) * playout.Rate;
        }

        /// <summary>Whether the output asks for samples.</summary>
        public bool Running => _clock.Running;
    }
}
