#nullable enable
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A few numbers on the screen while developing: connection, round trip, buffer, underruns, latency.</summary>
    [AddComponentMenu("Companion/Companion HUD")]
    public sealed class CompanionHud : CompanionPart
    {
        const double Every = 0.25; // s

        CompanionVoice? _voice;
        string _text = "";
        double _next;

        protected override void Attached(Conversation conversation) => _voice = Client != null ? Client.GetComponentInChildren<CompanionVoice>() : null;

        void OnGUI()
        {
            Conversation? talk = Conversation;
            if (talk == null) return;
            double now = CompanionClock.Now;
            if (now >= _next)
            {
                _next = now + Every;
                string voice = _voice == null ? "no voice" : "buffer " + _voice.BufferedMs.ToString("F0") + " ms, underruns " + _voice.Underruns + ", latency " + _voice.LatencyMs.ToString("F0") + " ms";
                _text = talk.Session.Status + ", " + talk.State + ", round trip " + (1000 * talk.Session.RoundTrip).ToString("F0") + " ms\n" + voice + "\nface " + talk.Timeline.Source + ", turn " + talk.Timeline.Turn;
            }
            GUI.Label(new Rect(8, 8, 640, 60), _text);
        }
    }
}
