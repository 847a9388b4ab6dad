#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>Sends changed states and new events.</summary>
    public delegate void ContextSender(IReadOnlyCollection<KeyValuePair<string, string>> states, IReadOnlyCollection<string> events, Respond respond);

    /// <summary>
    /// What is and what happens in the scene, sent in batches: half a second after the first change, or three seconds at the
    /// latest while changes go on. What is remembered is sent again to a new session.
    /// </summary>
    public sealed class SceneContext
    {
        const double Window = 0.5, Ceiling = 3; // s
        const int MostStates = 128, MostKey = 64, MostValue = 1024, MostEvents = 32;

        readonly Dictionary<string, string> _states = new Dictionary<string, string>();
        readonly Dictionary<string, string> _changed = new Dictionary<string, string>();
        readonly List<string> _events = new List<string>();
        Respond _respond = Respond.Silent;
        double _first = double.NaN, _last = double.NaN;

        /// <summary>The states that hold.</summary>
        public IReadOnlyDictionary<string, string> States => _states;

        /// <summary>A fact that holds from now on; "" removes it. Nothing is sent when it held already.</summary>
        public void Set(string key, string value, double now)
        {
            if (key.Length == 0 || key.Length > MostKey) throw new ArgumentException("a state's name has 1 to " + MostKey + " characters", nameof(key));
            value = Clip(value);
            if ((_states.TryGetValue(key, out string? held) ? held : "") == value) return;
            if (value.Length == 0) _states.Remove(key);
            else if (!_states.ContainsKey(key) && _states.Count >= MostStates) throw new InvalidOperationException("there are " + MostStates + " states already");
            else _states[key] = value;
            _changed[key] = value;
            Touch(now);
        }

        /// <summary>A sentence about what happened, told from outside ("Ada opens the chest."). The strongest wish to respond wins.</summary>
        public void Happened(string sentence, Respond respond, double now)
        {
            if (sentence.Trim().Length == 0) return;
            if (_events.Count >= MostEvents) _events.RemoveAt(0);
            _events.Add(Clip(sentence));
            if (respond > _respond) _respond = respond;
            // Who must answer should not wait for more to happen.
            Touch(respond == Respond.Must ? now - Window : now);
        }

        /// <summary>A new session knows nothing: all states are sent again.</summary>
        public void Resend(double now)
        {
            foreach (KeyValuePair<string, string> each in _states) _changed[each.Key] = each.Value;
            if (_changed.Count > 0) Touch(now - Window);
        }

        /// <summary>Send what is due; returns whether anything was.</summary>
        public bool Step(double now, ContextSender send)
        {
            if (double.IsNaN(_first) || (now - _last < Window && now - _first < Ceiling)) return false;
            List<KeyValuePair<string, string>> states = new List<KeyValuePair<string, string>>(_changed);
            List<string> events = new List<string>(_events);
            Respond respond = _respond;
            _changed.Clear();
            _events.Clear();
            _respond = Respond.Silent;
            _first = _last = double.NaN;
            for (int at = 0; at + MostStates < states.Count; at += MostStates) send(states.GetRange(at, MostStates), Array.Empty<string>(), Respond.Silent);
            int rest = states.Count == 0 ? 0 : (states.Count - 1) % MostStates + 1;
            send(states.GetRange(states.Count - rest, rest), events, respond);
            return true;
        }

        void Touch(double now)
        {
            if (double.IsNaN(_first)) _first = now;
            _last = now;
        }

        static string Clip(string text) => text.Length <= MostValue ? text : text.Substring(0, MostValue);
    }
}
