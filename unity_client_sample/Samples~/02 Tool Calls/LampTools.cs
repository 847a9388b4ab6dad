#nullable enable
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Three lamps and a door that the companion can use when asked. Handlers run on Unity's main thread with arguments that fit
    /// the schema, return what the companion should know, and may take their time.
    /// </summary>
    public sealed class LampTools : CompanionPart
    {
        const float DoorSeconds = 1.5f, DoorAngle = 80;

        public static readonly string[] Names = { "red", "green", "blue" };
        public static readonly Color[] Colours = { new Color(1, 0.25f, 0.2f), new Color(0.3f, 1, 0.35f), new Color(0.3f, 0.45f, 1) };

        [SerializeField] List<Light> _lamps = new List<Light>();
        [SerializeField] Transform? _door;

        readonly List<IDisposable> _offers = new List<IDisposable>();

        public List<Light> Lamps => _lamps;
        public Transform? Door { get => _door; set => _door = value; }

        protected override void Attached(Conversation conversation)
        {
            _offers.Add(conversation.Tools.Add("set_lamp", "Turns a lamp of the room on or off.",
                "{\"type\":\"object\",\"properties\":{\"lamp\":{\"type\":\"string\",\"enum\":[\"red\",\"green\",\"blue\"]},\"on\":{\"type\":\"boolean\"}},\"required\":[\"lamp\",\"on\"]}", SetLamp));
            _offers.Add(conversation.Tools.Add("look_around", "Tells which lamps are lit and whether the door is open.", "", LookAround));
            _offers.Add(conversation.Tools.Add("open_door", "Opens or closes the door. Takes a moment.",
                "{\"type\":\"object\",\"properties\":{\"open\":{\"type\":\"boolean\"}},\"required\":[\"open\"]}", OpenDoor));
            Tell(conversation);
        }

        protected override void Detached(Conversation conversation)
        {
            foreach (IDisposable each in _offers) each.Dispose();
            _offers.Clear();
        }

        Task<ToolResult> SetLamp(Value arguments, CancellationToken cancelled)
        {
            int at = Array.IndexOf(Names, arguments["lamp"].AsString());
            if (at < 0 || at >= _lamps.Count) return Task.FromResult(ToolResult.Failed("There is no such lamp in this room."));
            bool on = arguments["on"].AsBool();
            if (_lamps[at].enabled == on) return Task.FromResult(ToolResult.Ok("It was " + (on ? "on" : "off") + " already."));
            _lamps[at].enabled = on;
            if (Conversation != null) Tell(Conversation);
            return Task.FromResult(ToolResult.Ok("The " + Names[at] + " lamp is " + (on ? "on." : "off.")));
        }

        Task<ToolResult> LookAround(Value arguments, CancellationToken cancelled) => Task.FromResult(ToolResult.Ok("Lit lamps: " + Lit() + ". The door is " + (IsOpen ? "open." : "closed.")));

        // The token is cancelled when the user interrupts: the door then stops where it is.
        async Task<ToolResult> OpenDoor(Value arguments, CancellationToken cancelled)
        {
            if (_door == null) return ToolResult.Failed("There is no door.");
            bool open = arguments["open"].AsBool();
            if (open == IsOpen) return ToolResult.Ok("It is " + (open ? "open" : "closed") + " already.");
            float passed = 0;
            while (passed < DoorSeconds)
            {
                cancelled.ThrowIfCancellationRequested();
                // Goes on in the next frame: Unity's context brings awaits back to its main thread.
                await Task.Yield();
                if (_door == null) return ToolResult.Failed("The door is gone.");
                passed += Mathf.Max(Time.deltaTime, 0.001f);
                float share = Mathf.SmoothStep(0, 1, passed / DoorSeconds);
                _door.localRotation = Quaternion.Euler(0, DoorAngle * (open ? share : 1 - share), 0);
            }
            IsOpen = open;
            if (Conversation != null) Tell(Conversation);
            return ToolResult.Ok("The door is " + (open ? "open." : "closed."));
        }

        public bool IsOpen { get; private set; }

        string Lit()
        {
            List<string> lit = new List<string>();
            for (int at = 0; at < _lamps.Count; at++)
                if (_lamps[at].enabled) lit.Add(Names[at]);
            return lit.Count == 0 ? "none" : string.Join(", ", lit);
        }

        // Facts of the scene: the companion can speak of them without asking.
        void Tell(Conversation conversation)
        {
            conversation.SetState("lit lamps", Lit());
            conversation.SetState("door", IsOpen ? "open" : "closed");
        }
    }
}
