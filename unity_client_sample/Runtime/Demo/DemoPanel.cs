#nullable enable
using UnityEngine;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// A line to type in, a button to hold while speaking, one to stop, and what the connection and the microphone say. Drawn
    /// with IMGUI, so that it needs no package and works with either input system.
    /// </summary>
    [AddComponentMenu("Companion/Demo Panel")]
    public sealed class DemoPanel : CompanionPart
    {
        const string Field = "CompanionDemoText";

        CompanionMicrophone? _microphone;
        string _typed = "", _told = "Connecting ...";
        bool _held;

        protected override void Attached(Conversation conversation)
        {
            _microphone = Client!.GetComponentInChildren<CompanionMicrophone>(true);
            conversation.StatusChanged += Status;
            conversation.Welcomed += Welcomed;
            conversation.Failed += Failed;
        }

        protected override void Detached(Conversation conversation)
        {
            Hold(false);
            conversation.StatusChanged -= Status;
            conversation.Welcomed -= Welcomed;
            conversation.Failed -= Failed;
        }

        void Status(SessionStatus status, SessionFault? fault) => _told = fault != null ? fault.Message : status == SessionStatus.Open ? "Connected." : status + " ...";

        void Welcomed(Welcome welcome) => _told = welcome.Name + (welcome.Notice.Length > 0 ? ": " + welcome.Notice : " is here.");

        void Failed(ServerError error) => _told = error.Message;

        void OnGUI()
        {
            if (Client == null) return;
            float width = Mathf.Min(760, Screen.width - 16), left = (Screen.width - width) / 2, top = Screen.height - 68;
            GUI.Label(new Rect(left, top - 24, width, 24), Line());
            Event? now = Event.current;
            bool entered = now != null && now.type == EventType.KeyDown && now.keyCode == KeyCode.Return && GUI.GetNameOfFocusedControl() == Field;
            GUI.SetNextControlName(Field);
            _typed = GUI.TextField(new Rect(left, top, width - 220, 28), _typed, 2000);
            if (GUI.Button(new Rect(left + width - 212, top, 64, 28), "Say") || entered) Say();
            bool held = GUI.RepeatButton(new Rect(left + width - 140, top, 72, 28), "Hold: talk");
            // A repeat button tells how it stands when it is painted; at other events it says no although it is held.
            if (now != null && now.type == EventType.Repaint) Hold(held);
            if (GUI.Button(new Rect(left + width - 60, top, 60, 28), "Stop")) Client.StopTalking();
        }

        string Line()
        {
            string ear = _microphone == null ? "" : CompanionMicrophone.Sentence(_microphone.State);
            return _told + (ear.Length > 0 ? "   " + ear : "") + (_held ? "   Listening." : "");
        }

        void Say()
        {
            string text = _typed.Trim();
            if (text.Length == 0) return;
            _typed = "";
            Client!.Say(text);
        }

        void Hold(bool down)
        {
            if (down == _held) return;
            _held = down;
            if (_microphone == null) return;
            if (down) _microphone.Press();
            else _microphone.Release();
        }
    }
}
