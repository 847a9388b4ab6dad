#nullable enable
#if UNITY_IOS && !UNITY_EDITOR
using System.Runtime.InteropServices;

namespace CompanionBridge
{
    /// <summary>Apple's microphone for calls: the voice-processing unit, by the plug-in CompanionVoiceMicrophone.c.</summary>
    internal sealed class VoiceMicrophone : IMicrophoneDevice
    {
        [DllImport("__Internal")] static extern int CompanionVoiceOpen();
        [DllImport("__Internal")] static extern void CompanionVoiceClose();
        [DllImport("__Internal")] static extern int CompanionVoiceRate();
        [DllImport("__Internal")] static extern int CompanionVoiceRead(float[] into, int most);
        [DllImport("__Internal")] static extern double CompanionVoiceMissed();

        bool _open;

        /// <summary>Every iPhone and iPad has it.</summary>
        public static bool IsAvailable => true;

        public bool StandsIn => false;

        public int Rate => CompanionVoiceRate();

        public MicrophoneDeviceState State => _open ? MicrophoneDeviceState.Recording : MicrophoneDeviceState.Gone;

        public bool CancelsEcho => true;

        public double Missed => CompanionVoiceMissed();

        public bool Start() => _open = CompanionVoiceOpen() == 0;

        public void Stop()
        {
            if (_open) CompanionVoiceClose();
            _open = false;
        }

        public int Read(float[] into) => _open ? CompanionVoiceRead(into, into.Length) : 0;
    }
}
#endif
