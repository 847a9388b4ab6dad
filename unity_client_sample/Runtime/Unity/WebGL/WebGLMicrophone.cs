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
        [DllImport("__Internal")] static extern void CompanionMicrophoneOpen();
        [DllImport("__Internal")] static extern void CompanionMicrophoneClose();
        [DllImport("__Internal")] static extern int CompanionMicrophoneRead(float[] into, int most);

        public int Rate => CompanionMicrophoneRate();

        /// <summary>Also while the user is being asked.</summary>
        public bool IsRecording => CompanionMicrophoneState() == 1 || CompanionMicrophoneState() == 2;

        public bool Start()
        {
            CompanionMicrophoneOpen();
            return CompanionMicrophoneState() != 4;
        }

        public void Stop() => CompanionMicrophoneClose();

        public int Read(float[] into) => CompanionMicrophoneState() == 2 ? CompanionMicrophoneRead(into, into.Length) : 0;
    }
}
#endif
