#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>Gives samples on request.</summary>
    public interface ISampleSource
    {
        void Read(short[] into, int offset, int count);
    }

    /// <summary>
    /// Resamples by a windowed sinc (Kaiser, about 70 dB), pulling from a source. Output sample k is the input at exactly
    /// k * source / target; to make it the source is read half a filter ahead (under 1 ms). Chunking never changes the result.
    /// Source: J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample.
    /// </summary>
    public sealed class Resampler
    {
        const int Zeros = 16; // zero crossings on each side
        const double Beta = 7;
        const double Rolloff = 0.92;
        const int Block = 512;

        readonly int _up, _down, _half;
        readonly float[] _filters; // up rows of 2 * half taps
        readonly short[] _raw = new short[Block];
        readonly float[] _held; // input that is still needed
        int _start, _count, _phase;

        /// <summary>From <paramref name="source"/> to <paramref name="target"/> samples a second.</summary>
        public Resampler(int source, int target)
        {
            if (source <= 0 || target <= 0) throw new ArgumentOutOfRangeException(nameof(target));
            int common = Common(source, target);
            _up = target / common;
            _down = source / common;
            double cutoff = Rolloff * Math.Min(1, (double)target / source);
            _half = _up == 1 && _down == 1 ? 0 : (int)Math.Ceiling(Zeros / cutoff);
            _filters = new float[_up * 2 * _half];
            for (int phase = 0; phase < _up && _half > 0; phase++) Fill(phase, (double)phase / _up, cutoff);
            _held = new float[Math.Max(0, 2 * _half) + Block + _down / _up + 8];
            _count = Math.Max(0, _half - 1); // silence before the first sample
        }

        /// <summary>Input samples that are read beyond the newest output.</summary>
        public int Ahead => _half;

        /// <summary>How many outputs can be made when the source has <paramref name="available"/> samples.</summary>
        public int Producible(int available)
        {
            if (_half == 0) return available;
            long room = (long)(_count + available - 2 * _half + 1) * _up - 1 - _phase;
            return room < 0 ? 0 : (int)(room / _down + 1);
        }

        /// <summary>Fill <paramref name="into"/> with the next output, in -1..1.</summary>
        public void Read(ISampleSource source, float[] into, int offset, int count)
        {
            if (_half == 0)
            {
                Copy(source, into, offset, count);
                return;
            }
            int taps = 2 * _half;
            for (int index = 0; index < count; index++)
            {
                while (_phase >= _up)
                {
                    int whole = Math.Min(_phase / _up, _count);
                    if (whole == 0)
                    {
                        Pull(source, 1);
                        continue;
                    }
                    _start += whole;
                    _count -= whole;
                    _phase -= whole * _up;
                }
                if (_count < taps) Pull(source, Math.Max(taps - _count, Need(count - index, taps)));
                int row = _phase * taps;
                float sum = 0;
                for (int tap = 0; tap < taps; tap++) sum += _filters[row + tap] * _held[_start + tap];
                into[offset + index] = sum;
                _phase += _down;
            }
        }

        // Input for the rest of this call, so that the source is asked in few pieces and never for more than is due.
        int Need(int outputs, int taps)
        {
            long last = (_phase + (long)(outputs - 1) * _down) / _up;
            return (int)Math.Min(Block, last + taps - _count);
        }

        void Pull(ISampleSource source, int wanted)
        {
            wanted = Math.Min(wanted, Block);
            if (_start + _count + wanted > _held.Length)
            {
                Array.Copy(_held, _start, _held, 0, _count);
                _start = 0;
            }
            source.Read(_raw, 0, wanted);
            for (int index = 0; index < wanted; index++) _held[_start + _count + index] = _raw[index] / 32768f;
            _count += wanted;
        }

        void Copy(ISampleSource source, float[] into, int offset, int count)
        {
            while (count > 0)
            {
                int part = Math.Min(count, Block);
                source.Read(_raw, 0, part);
                for (int index = 0; index < part; index++) into[offset + index] = _raw[index] / 32768f;
                offset += part;
                count -= part;
            }
        }

        void Fill(int phase, double fraction, double cutoff)
        {
            int taps = 2 * _half;
            double sum = 0;
            double[] row = new double[taps];
            for (int index = 0; index < taps; index++)
            {
                double x = index - _half + 1 - fraction;
                double share = x / _half;
                row[index] = Sinc(x * cutoff) * Bessel(Beta * Math.Sqrt(Math.Max(0, 1 - share * share)));
                sum += row[index];
            }
            for (int index = 0; index < taps; index++) _filters[phase * taps + index] = (float)(row[index] / sum);
        }

        static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);

        static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

        static double Bessel(double x)
        {
            double sum = 1, term = 1;
            for (int k = 1; term > 1e-9 * sum; k++)
            {
                term *= x / (2 * k) * (x / (2 * k));
                sum += term;
            }
            return sum;
        }
    }
}
