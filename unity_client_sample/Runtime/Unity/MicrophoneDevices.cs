#nullable enable
using System;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>How a device stands.</summary>
    public enum MicrophoneDeviceState
    {
        /// <summary>The user is being asked, by the device itself.</summary>
        Asking,

        Recording,

        /// <summary>The user or the system said no.</summary>
        Denied,

        /// <summary>It is not there, or not any more.</summary>
        Gone,
    }

    /// <summary>A source of the user's sound, polled once a frame.</summary>
    public interface IMicrophoneDevice
    {
        /// <summary>Whether the system's default stands in for a device that was asked for and is not there.</summary>
        bool StandsIn { get; }

        /// <summary>Samples a second; 0 until it is known.</summary>
        int Rate { get; }

        MicrophoneDeviceState State { get; }

        /// <summary>Whether what the loudspeaker plays is taken out of the sound.</summary>
        bool CancelsEcho { get; }

        /// <summary>Seconds of sound since the start that were lost, because it was not read in time.</summary>
        double Missed { get; }

        /// <summary>False when it cannot be opened; <see cref="State"/> tells why.</summary>
        bool Start();

        void Stop();

        /// <summary>New samples, mono, as many as fit; returns how many. Those that were missed came before them.</summary>
        int Read(float[] into);
    }

#if !UNITY_WEBGL || UNITY_EDITOR
    /// <summary>Unity's microphone: a clip that is written round and round.</summary>
    internal sealed class UnityMicrophone : IMicrophoneDevice
    {
        const int Block = 1024; // frames

        readonly string _wanted;
        readonly int _seconds;
        string? _name;
        AudioClip? _clip;
        float[] _block = Array.Empty<float>();
        int _read;
        double _readAt; // when the next sample that is read was heard

        /// <summary>The device of this name; the system's default when it is not there or the name is empty.</summary>
        public UnityMicrophone(string name, int seconds)
        {
            _wanted = name;
            _seconds = seconds;
        }

        public bool StandsIn => _wanted.Length > 0 && _name == null;

        public int Rate => _clip == null ? 0 : _clip.frequency;

        public MicrophoneDeviceState State => _clip != null && Microphone.IsRecording(_name) ? MicrophoneDeviceState.Recording : MicrophoneDeviceState.Gone;

        public bool CancelsEcho => false;

        public double Missed { get; private set; }

        public bool Start()
        {
            string[] there = Microphone.devices;
            if (there.Length == 0) return false;
            // A name that is not there is an exception of Unity's.
            _name = _wanted.Length > 0 && Array.IndexOf(there, _wanted) >= 0 ? _wanted : null;
            Microphone.GetDeviceCaps(_name, out int least, out int most);
            // 0 and 0 stand for any rate; the companion hears 16 kHz.
            int rate = least == 0 && most == 0 ? 48000 : Mathf.Clamp(48000, least, most);
            try
            {
                _clip = Microphone.Start(_name, true, _seconds, rate);
            }
            catch (ArgumentException)
            {
                _clip = null; // it went away between the two calls
            }
            if (_clip == null) return false;
            _read = 0;
            _readAt = CompanionClock.Now;
            Missed = 0;
            _block = new float[_clip.channels * Block];
            return true;
        }

        public void Stop()
        {
            if (_clip == null) return;
            Microphone.End(_name);
            UnityEngine.Object.Destroy(_clip);
            _clip = null;
        }

        public int Read(float[] into)
        {
            if (_clip == null) return 0;
            int channels = _clip.channels, length = _clip.samples;
            int waiting = (Microphone.GetPosition(_name) - _read + length) % length;
            Laps(waiting, length);
            int done = 0;
            // GetData fills its whole array, so sound is taken in blocks of one size.
            while (waiting >= Block && done + Block <= into.Length)
            {
                _clip.GetData(_block, _read);
                for (int frame = 0; frame < Block; frame++)
                {
                    float sum = 0;
                    for (int channel = 0; channel < channels; channel++) sum += _block[frame * channels + channel];
                    into[done + frame] = sum / channels;
                }
                _read = (_read + Block) % length;
                _readAt += Block / (double)_clip.frequency;
                waiting -= Block;
                done += Block;
            }
            return done;
        }

        // A frame that takes longer than the clip finds it written over: only the clock tells how often.
        void Laps(int waiting, int length)
        {
            double now = CompanionClock.Now, rate = _clip!.frequency;
            double laps = Math.Round(((now - _readAt) * rate - waiting) / length);
            if (laps > 0) Missed += laps * length / rate;
            _readAt = now - waiting / rate;
        }
    }
#endif
}
