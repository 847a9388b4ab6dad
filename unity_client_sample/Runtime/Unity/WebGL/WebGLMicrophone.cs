#nullable enable
#if UNITY_WEBGL && !UNITY_EDITOR
using System.Runtime.InteropServices;

namespace CompanionBridge
{
    /// <summary>The browser's microphone, with its echo cancellation. The browser asks the user by itself.</summary>
    internal sealed class WebGLMicrophone : IMicrophoneDevice
    {
        [DllImport("__Internal")] static extern int CompanionMicrophoneState();
        [DllImport("__Internal")] static extern int CompanionMicrophoneRate();
        [DllImport("__Internal")] static extern int CompanionMicrophoneCancelsEcho();
        [DllImport("__Internal")] static extern double CompanionMicrophoneMissed();
        [DllImport("__Internal")] static extern void CompanionMicrophoneOpen();
        [DllImport("__Internal")] static extern void CompanionMicrophoneClose();
        [DllImport("__Internal")] static extern int CompanionMicrophoneRead(float[] into, int most);

        public bool StandsIn => false;

        public int Rate => CompanionMicrophoneRate();

        public MicrophoneDeviceState State
        {
            get
            {
                switch (CompanionMicrophoneState())
                {
                    case 1: return MicrophoneDeviceState.Asking;
                    case 2: return MicrophoneDeviceState.Recording;
                    case 3: return MicrophoneDeviceState.Denied;
                    default: return MicrophoneDeviceState.Gone;
                }
            }
        }

        public bool CancelsEcho => CompanionMicrophoneCancelsEcho() == 1;

        public double Missed => CompanionMicrophoneMissed();

        public bool Start()
        {
            CompanionMicrophoneOpen();
            return CompanionMicrophoneState() == 1 || CompanionMicrophoneState() == 2;
        }

        public void Stop() => CompanionMicrophoneClose();

        public int Read(float[] into) => CompanionMicrophoneState() == 2 ? CompanionMicrophoneRead(into, into.Length) : 0;
    }
}
#endif
