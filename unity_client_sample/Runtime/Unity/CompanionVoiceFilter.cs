#nullable enable
using System.Threading;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>The filter behind the voice's AudioSource, on the sound thread: no Unity call, no lock, no allocation.</summary>
    [AddComponentMenu("")]
    public sealed class CompanionVoiceFilter : MonoBehaviour
    {
        readonly float[] _mono = new float[1 << 14];
        Voice? _voice;
        volatile bool _retired;

        public Voice? Voice
        {
            get => Volatile.Read(ref _voice);
            set => Volatile.Write(ref _voice, value);
        }

        /// <summary>
        /// Another takes its place: from now on it lets sound pass. Unity removes a component only at the end of the frame, and
        /// the sound thread does not wait for that.
        /// </summary>
        public void Retire()
        {
            _retired = true;
            enabled = false;
            Destroy(this);
        }

        void OnAudioFilterRead(float[] data, int channels)
        {
            if (_retired) return;
            Voice? voice = Volatile.Read(ref _voice);
            int frames = data.Length / channels;
            if (voice == null || frames > _mono.Length)
            {
                System.Array.Clear(data, 0, data.Length);
                return;
            }
            voice.Fill(_mono, 0, frames, CompanionClock.Now);
            for (int frame = 0, at = 0; frame < frames; frame++)
                for (int channel = 0; channel < channels; channel++, at++) data[at] *= _mono[frame];
        }
    }
}
