#nullable enable
#if UNITY_ANDROID && !UNITY_EDITOR
using System;
using Unity.Collections;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// Android's microphone for calls: an AudioRecord of the source VOICE_COMMUNICATION with the device's echo canceller, read
    /// once a frame into memory that Java and C# share.
    /// </summary>
    internal sealed class VoiceMicrophone : IMicrophoneDevice
    {
        const int SampleRate = 48000, Seconds = 2;
        // Constants of android.media.
        const int VoiceCommunication = 7, ChannelInMono = 16, Pcm16 = 2, Initialized = 1, Recording = 3, NonBlocking = 1;

        readonly jvalue[] _arguments = new jvalue[3];
        AndroidJavaObject? _record, _canceller;
        NativeArray<byte> _bytes;
        IntPtr _buffer, _object, _read;
        double _readAt;

        /// <summary>Whether the device has an echo canceller.</summary>
        public static bool IsAvailable
        {
            get
            {
                try
                {
                    using AndroidJavaClass canceller = new AndroidJavaClass("android.media.audiofx.AcousticEchoCanceler");
                    return canceller.CallStatic<bool>("isAvailable");
                }
                catch (AndroidJavaException)
                {
                    return false;
                }
            }
        }

        public bool StandsIn => false;

        public int Rate => SampleRate;

        public MicrophoneDeviceState State => _record == null ? MicrophoneDeviceState.Gone : MicrophoneDeviceState.Recording;

        public bool CancelsEcho => _record == null || _canceller != null;

        public double Missed { get; private set; }

        public bool Start()
        {
            try
            {
                Open();
            }
            catch (AndroidJavaException)
            {
                Stop();
            }
            return _record != null;
        }

        void Open()
        {
            AndroidJavaObject record = _record = new AndroidJavaObject("android.media.AudioRecord", VoiceCommunication, SampleRate, ChannelInMono, Pcm16, 2 * SampleRate * Seconds);
            if (record.Call<int>("getState") == Initialized) record.Call("startRecording");
            if (record.Call<int>("getState") != Initialized || record.Call<int>("getRecordingState") != Recording)
            {
                Stop();
                return;
            }
            Cancel(record.Call<int>("getAudioSessionId"));
            _bytes = new NativeArray<byte>(2 * 4096, Allocator.Persistent);
            IntPtr local = AndroidJNI.NewDirectByteBuffer(_bytes);
            _buffer = AndroidJNI.NewGlobalRef(local);
            AndroidJNI.DeleteLocalRef(local);
            _object = record.GetRawObject();
            _read = AndroidJNI.GetMethodID(record.GetRawClass(), "read", "(Ljava/nio/ByteBuffer;II)I");
            _arguments[0].l = _buffer;
            _arguments[2].i = NonBlocking;
            _readAt = CompanionClock.Now;
            Missed = 0;
        }

        void Cancel(int session)
        {
            using AndroidJavaClass maker = new AndroidJavaClass("android.media.audiofx.AcousticEchoCanceler");
            AndroidJavaObject? made = maker.CallStatic<AndroidJavaObject>("create", session);
            if (made == null) return;
            made.Call<int>("setEnabled", true);
            if (made.Call<bool>("getEnabled")) _canceller = made;
            else made.Dispose();
        }

        public void Stop()
        {
            try
            {
                _canceller?.Call("release");
                _record?.Call("release");
            }
            catch (AndroidJavaException)
            {
                // It is given up either way.
            }
            _canceller?.Dispose();
            _record?.Dispose();
            _canceller = _record = null;
            if (_buffer != IntPtr.Zero) AndroidJNI.DeleteGlobalRef(_buffer);
            _buffer = IntPtr.Zero;
            if (_bytes.IsCreated) _bytes.Dispose();
        }

        public int Read(float[] into)
        {
            if (_record == null) return 0;
            double now = CompanionClock.Now;
            if (now - _readAt > Seconds) Missed += now - _readAt - Seconds;
            _readAt = now;
            _arguments[1].i = Math.Min(_bytes.Length, 2 * into.Length);
            int count = AndroidJNI.CallIntMethod(_object, _read, _arguments);
            if (count < 0)
            {
                Stop(); // an error of AudioRecord: the device is dead
                return 0;
            }
            for (int sample = 0; sample < count / 2; sample++) into[sample] = (short)(_bytes[2 * sample] | _bytes[2 * sample + 1] << 8) / 32768f;
            return count / 2;
        }
    }
}
#endif
