#nullable enable
#if UNITY_WEBGL && !UNITY_EDITOR
using System.Runtime.InteropServices;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>
    /// The voice in a browser: sound is scheduled a tenth of a second ahead on an AudioContext, which tells when it is heard.
    /// There is no panning; the volume is that of the AudioSource.
    /// </summary>
    [AddComponentMenu("")]
    public sealed class CompanionWebVoice : CompanionPart
    {
        const int Block = 1024;
        const double Ahead = 0.12; // s; a browser's frame may take long

        [DllImport("__Internal")] static extern int CompanionAudioRate();
        [DllImport("__Internal")] static extern int CompanionAudioIsRunning();
        [DllImport("__Internal")] static extern double CompanionAudioAudible();
        [DllImport("__Internal")] static extern double CompanionAudioAhead();
        [DllImport("__Internal")] static extern double CompanionAudioPush(float[] from, int count);
        [DllImport("__Internal")] static extern void CompanionAudioVolume(float volume);

        readonly float[] _block = new float[Block];
        AudioSource? _source;
        double _next = -1;

        protected override void Attached(Conversation conversation)
        {
            _source = GetComponent<AudioSource>();
            conversation.Voice.OutputRate = CompanionAudioRate();
            conversation.Voice.Latency = 0; // the browser's clock tells what is heard
        }

        void Update()
        {
            Voice? voice = Conversation?.Voice;
            if (voice == null || CompanionAudioIsRunning() == 0) return;
            if (_source != null) CompanionAudioVolume(_source.mute ? 0 : _source.volume);
            double rate = voice.OutputRate;
            for (double ahead = CompanionAudioAhead(); ahead < Ahead; ahead += Block / rate)
            {
                // The block is heard when the last one ends; where that has passed, it starts anew.
                double audible = CompanionAudioAudible();
                if (ahead <= 0) voice.Restart();
                double begins = ahead <= 0 || _next < 0 ? audible + 0.03 : _next;
                voice.Fill(_block, 0, Block, CompanionClock.Now + begins - audible);
                _next = CompanionAudioPush(_block, Block) + Block / rate;
            }
        }
    }
}
#endif
