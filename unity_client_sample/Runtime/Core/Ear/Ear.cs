#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>When the companion hears the user.</summary>
    public enum ListenMode
    {
        /// <summary>Never.</summary>
        Off,

        /// <summary>While a key is held; the safe choice without echo cancellation.</summary>
        PushToTalk,

        /// <summary>Always.</summary>
        Open,
    }

    /// <summary>Takes what the ear sends.</summary>
    public interface IEarSink
    {
        void Mic(long pts, byte[] data, int offset, int count);
        void Talk(bool on, long pts);
    }

    /// <summary>
    /// What the companion hears: microphone sound of any rate becomes 20 ms frames at 16 kHz with a position that never stops.
    /// Push-to-talk sends the half second before the key went down, so that no first syllable is lost, and goes on for a tail
    /// after it came up, since people let go before they have finished.
    /// </summary>
    public sealed class Ear : ISampleSource
    {
        public const int Rate = 16000;
        const int Frame = 320; // samples
        const int PreRoll = 25; // frames
        const int Rest = 30; // frames of silence that end the last utterance when the microphone closes
        const double Mute = 1; // s of exact zeros: the system gives no sound
        const double TailWithoutSound = 0.6; // s after which a tail ends although no sound comes

        readonly IEarSink _sink;
        readonly byte[] _ring = new byte[PreRoll * 2 * Frame];
        readonly long[] _ringPts = new long[PreRoll];
        readonly byte[] _frame = new byte[2 * Frame];
        readonly float[] _block = new float[Frame];
        short[] _input = new short[1 << 14];
        int _inputStart, _inputCount, _filled, _kept, _slot;
        Resampler? _resampler;
        long _zeros, _tail = -1;
        double _tailSince, _hole;
        bool _held;
        ListenMode _mode = ListenMode.PushToTalk;

        public Ear(IEarSink sink) => _sink = sink;

        /// <summary>Samples since the microphone opened first.</summary>
        public long Pts { get; private set; }

        /// <summary>Seconds that are sent after the key came up.</summary>
        public double TailSeconds { get; set; } = 0.3;

        /// <summary>Whether the server counts the key as down.</summary>
        public bool Talking { get; private set; }

        /// <summary>What is heard is not sent, but for what a held key says: the companion would hear itself.</summary>
        public bool Deaf { get; set; }

        /// <summary>Whether a microphone delivers sound.</summary>
        public bool IsOpen => _resampler != null;

        /// <summary>Loudness of the last 20 ms, 0..1.</summary>
        public float Level { get; private set; }

        /// <summary>The system delivers nothing but zeros: the microphone is muted or not allowed.</summary>
        public bool Muted => _zeros > Mute * Rate;

        public ListenMode Mode
        {
            get => _mode;
            set
            {
                if (_mode == ListenMode.Open && value != ListenMode.Open && IsOpen && !Talking) EndWithSilence();
                if (value == ListenMode.Off) Release();
                _mode = value;
            }
        }

        /// <summary>A microphone begins to deliver samples at this rate.</summary>
        public void Open(int deviceRate)
        {
            _resampler = new Resampler(deviceRate, Rate);
            _inputStart = _inputCount = _filled = _kept = 0;
            _zeros = 0;
            _hole = 0;
        }

        /// <summary>
        /// So much sound was lost before what is fed next, since the game or the system stood still: the position goes on past
        /// it, in whole frames, so that the server knows.
        /// </summary>
        public void Skip(double seconds)
        {
            if (!IsOpen || seconds <= 0) return;
            _hole += seconds * Rate / Frame;
            long frames = (long)_hole;
            _hole -= frames;
            Pts += frames * Frame;
        }

        /// <summary>The microphone is gone; what was being said ends.</summary>
        public void Close()
        {
            if (!IsOpen) return;
            if (Talking || _mode == ListenMode.Open) EndWithSilence();
            Release();
            _resampler = null;
            Level = 0;
        }

        /// <summary>The key went down or up, at <paramref name="now"/> seconds.</summary>
        public void Talk(bool on, double now)
        {
            if (on == _held || (on && _mode == ListenMode.Off)) return;
            _held = on;
            if (!on)
            {
                if (!Talking) return;
                _tail = Pts + (long)(TailSeconds * Rate);
                _tailSince = now;
                return;
            }
            _tail = -1; // pressed again during the tail: it goes on as one
            if (Talking) return;
            Talking = true;
            _sink.Talk(true, Pts);
            if (_mode != ListenMode.Open) SendKept();
        }

        /// <summary>Let go at once, without a tail: the game lost its focus, the user opened a menu.</summary>
        public void Release()
        {
            _held = false;
            _tail = -1;
            if (!Talking) return;
            Talking = false;
            _sink.Talk(false, Pts);
        }

        /// <summary>The connection was mended: the server has the key as up again.</summary>
        public void Mended()
        {
            if (Talking) _sink.Talk(true, Pts);
        }

        /// <summary>A new session: the server has never heard of the key.</summary>
        public void NewSession()
        {
            _tail = -1;
            Talking = false;
            if (!_held) return;
            Talking = true;
            _sink.Talk(true, Pts);
        }

        /// <summary>Time passes: a tail ends also when no more sound comes.</summary>
        public void Step(double now)
        {
            if (_tail >= 0 && (Pts >= _tail || now - _tailSince > Math.Max(TailSeconds, TailWithoutSound))) Release();
        }

        /// <summary>The next samples of the microphone, mono, -1..1.</summary>
        public void Feed(float[] samples, int offset, int count)
        {
            if (_resampler == null) return;
            Keep(samples, offset, count);
            while (_filled < Frame)
            {
                int ready = Math.Min(Frame - _filled, _resampler.Producible(_inputCount));
                if (ready == 0) return;
                _resampler.Read(this, _block, _filled, ready);
                _filled += ready;
                if (_filled < Frame) continue;
                _filled = 0;
                Pass();
            }
        }

        void Keep(float[] samples, int offset, int count)
        {
            if (_inputStart + _inputCount + count > _input.Length)
            {
                Array.Copy(_input, _inputStart, _input, 0, _inputCount);
                _inputStart = 0;
                if (_inputCount + count > _input.Length) Array.Resize(ref _input, 2 * (_inputCount + count));
            }
            for (int index = 0; index < count; index++)
                _input[_inputStart + _inputCount + index] = (short)Math.Max(-32768, Math.Min(32767, Math.Round(samples[offset + index] * 32768.0)));
            _inputCount += count;
        }

        void ISampleSource.Read(short[] into, int offset, int count)
        {
            Array.Copy(_input, _inputStart, into, offset, count);
            _inputStart += count;
            _inputCount -= count;
        }

        void Pass()
        {
            double power = 0;
            bool zero = true;
            for (int index = 0; index < Frame; index++)
            {
                short sample = (short)Math.Max(-32768, Math.Min(32767, Math.Round(_block[index] * 32768.0)));
                _frame[2 * index] = (byte)sample;
                _frame[2 * index + 1] = (byte)(sample >> 8);
                power += (double)sample * sample;
                zero &= sample == 0;
            }
            _zeros = zero ? _zeros + Frame : 0;
            Level = (float)Math.Min(1, Math.Sqrt(power / Frame) / 8192);
            if (Talking || (_mode == ListenMode.Open && !Deaf)) _sink.Mic(Pts, _frame, 0, _frame.Length);
            else if (_mode == ListenMode.PushToTalk) Store();
            Pts += Frame;
            if (_tail >= 0 && Pts >= _tail) Release();
        }

        void Store()
        {
            Buffer.BlockCopy(_frame, 0, _ring, _slot * 2 * Frame, 2 * Frame);
            _ringPts[_slot] = Pts;
            _slot = (_slot + 1) % PreRoll;
            _kept = Math.Min(PreRoll, _kept + 1);
        }

        void SendKept()
        {
            for (; _kept > 0; _kept--)
            {
                int slot = (_slot - _kept + PreRoll) % PreRoll;
                // What lies before a hole of half a second or more is no beginning of what is said now.
                if (Pts - _ringPts[slot] <= PreRoll * Frame) _sink.Mic(_ringPts[slot], _ring, slot * 2 * Frame, 2 * Frame);
            }
        }

        void EndWithSilence()
        {
            Array.Clear(_frame, 0, _frame.Length);
            for (int index = 0; index < Rest; index++)
            {
                _sink.Mic(Pts, _frame, 0, _frame.Length);
                Pts += Frame;
            }
        }
    }
}
