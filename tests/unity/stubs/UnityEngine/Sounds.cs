using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class AudioClip : Object
    {
        internal float[] Data = Array.Empty<float>();

        public delegate void PCMReaderCallback(float[] data);

        public int samples { get; private set; }
        public int channels { get; private set; }
        public int frequency { get; private set; }
        public float length => (float)samples / frequency;

        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream) =>
            new AudioClip { name = name, samples = lengthSamples, channels = channels, frequency = frequency, Data = new float[lengthSamples * channels] };

        public bool SetData(float[] data, int offsetSamples)
        {
            Array.Copy(data, 0, Data, offsetSamples * channels, data.Length);
            return true;
        }

        public bool GetData(float[] data, int offsetSamples)
        {
            for (int index = 0; index < data.Length; index++) data[index] = Data[(offsetSamples * channels + index) % Data.Length];
            return true;
        }
    }

    public enum AudioRolloffMode { Logarithmic, Linear, Custom }

    public sealed class AudioSource : Behaviour
    {
        public AudioClip clip { get; set; } = null!;
        public bool loop { get; set; }
        public bool playOnAwake { get; set; } = true;
        public bool mute { get; set; }
        public bool ignoreListenerPause { get; set; }
        public bool spatialize { get; set; }
        public bool spatializePostEffects { get; set; }
        public float spatialBlend { get; set; }
        public float dopplerLevel { get; set; } = 1;
        public float pitch { get; set; } = 1;
        public float volume { get; set; } = 1;
        public float minDistance { get; set; } = 1;
        public float maxDistance { get; set; } = 500;
        public AudioRolloffMode rolloffMode { get; set; }
        public int priority { get; set; } = 128;
        public int timeSamples { get; set; }
        public bool isPlaying { get; internal set; }

        public void Play() => isPlaying = enabled && gameObject.activeInHierarchy;

        public void Stop() => isPlaying = false;

        public void Pause() => isPlaying = false;
    }

    public sealed class AudioListener : Behaviour
    {
        public static bool pause { get; set; }
        public static float volume { get; set; } = 1;
    }

    public enum AudioSpeakerMode { Raw, Mono, Stereo, Quad, Surround, Mode5point1, Mode7point1, Prologic }

    public struct AudioConfiguration
    {
        public AudioSpeakerMode speakerMode;
        public int dspBufferSize, sampleRate, numRealVoices, numVirtualVoices;
    }

    public static class AudioSettings
    {
        internal static int Length = 1024, Count = 4;

        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);

        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged = delegate { };

        public static int outputSampleRate { get; set; } = 48000;
        public static double dspTime { get; internal set; }
        public static AudioSpeakerMode speakerMode { get; set; } = AudioSpeakerMode.Stereo;

        public static void GetDSPBufferSize(out int bufferLength, out int numBuffers)
        {
            bufferLength = Length;
            numBuffers = Count;
        }

        public static AudioConfiguration GetConfiguration() => new AudioConfiguration { dspBufferSize = Length, sampleRate = outputSampleRate, speakerMode = speakerMode };

        public static string GetSpatializerPluginName() => "";

        internal static void Raise(bool device) => OnAudioConfigurationChanged(device);
    }

#if !UNITY_WEBGL || UNITY_EDITOR
    public static class Microphone
    {
        public static string[] devices => World.MicrophoneNames.ToArray();

        // As Unity's own code: an unknown name is an exception here, and nothing elsewhere.
        public static AudioClip Start(string deviceName, bool loop, int lengthSec, int frequency)
        {
            if (!Known(deviceName)) throw new ArgumentException("Couldn't acquire device ID for device name " + deviceName);
            return World.StartMicrophone(deviceName, lengthSec, frequency);
        }

        public static void End(string deviceName)
        {
            if (Known(deviceName)) World.EndMicrophone();
        }

        public static bool IsRecording(string deviceName) => Known(deviceName) && World.MicrophoneClip != null && World.MicrophoneNames.Count > 0 && !World.MicrophoneDies;

        public static int GetPosition(string deviceName) => Known(deviceName) ? World.MicrophonePosition : 0;

        public static void GetDeviceCaps(string deviceName, out int minFreq, out int maxFreq)
        {
            minFreq = maxFreq = Known(deviceName) ? World.MicrophoneRate : 0;
        }

        static bool Known(string deviceName) => string.IsNullOrEmpty(deviceName) || World.MicrophoneNames.Contains(deviceName);
    }
#endif
}
