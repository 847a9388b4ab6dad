#nullable enable
using System;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A source of the user's sound, polled once a frame.</summary>
    public interface IMicrophoneDevice
    {
        /// <summary>Samples a second; 0 until it is known.</summary>
        int Rate { get; }

        bool IsRecording { get; }

        /// <summary>False when there is no device.</summary>
        bool Start();

        void Stop();

        /// <summary>New samples, mono, as many as fit; returns how many.</summary>
        int Read(float[] into);
    }

#if !UNITY_WEBGL || UNITY_EDITOR
    /// <summary>Unity's microphone: a clip that is written round and round.</summary>
    internal sealed class UnityMicrophone : IMicrophoneDevice
    {
        readonly string? _name;
        readonly int _seconds;
        AudioClip? _clip;
        float[] _block = Array.Empty<float>();
        int _read;

        public UnityMicrophone(string name, int seconds)
        {
            _name = name.Length > 0 ? name : null;
            _seconds = seconds;
        }

        public int Rate => _clip == null ? 0 : _clip.frequency;

        public bool IsRecording => _clip != null && Microphone.IsRecording(_name);

        public bool Start()
        {
            if (Microphone.devices.Length == 0) return false;
            Microphone.GetDeviceCaps(_name, out int least, out int most);
            // 0 and 0 stand for any rate; the companion hears 16 kHz.
            int rate = least == 0 && most == 0 ? 48000 : Mathf.Clamp(48000, least, most);
            _clip = Microphone.Start(_name, true, _seconds, rate);
            _read = 0;
            if (_clip == null) return false;
            _block = new float[_clip.channels * 1024];
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
            int done = 0;
            // GetData fills its whole array, so sound is taken in blocks of one size.
            int block = _block.Length / channels;
            while (waiting >= block && done + block <= into.Length)
            {
                _clip.GetData(_block, _read);
                for (int frame = 0; frame < block; frame++)
                {
                    float sum = 0;
                    for (int channel = 0; channel < channels; channel++) sum += _block[frame * channels + channel];
                    into[done + frame] = sum / channels;
                }
                _read = (_read + block) % length;
                waiting -= block;
                done += block;
            }
            return done;
        }
    }
#endif
}
