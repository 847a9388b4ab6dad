#nullable enable
using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace CompanionBridge
{
    /// <summary>What a tool came to, in words or JSON that the companion should know of.</summary>
    public readonly struct ToolResult
    {
        public readonly ToolStatus Status;
        public readonly string Value;

        ToolResult(ToolStatus status, string value)
        {
            Status = status;
            Value = value;
        }

        public static ToolResult Ok(string value = "") => new ToolResult(ToolStatus.Ok, value);
        public static ToolResult Failed(string why) => new ToolResult(ToolStatus.Failed, why);
        public static ToolResult Cancelled(string why = "") => new ToolResult(ToolStatus.Cancelled, why);
    }

    /// <summary>Runs a tool; the token is cancelled when the time is over, the turn is cut, or the session ends.</summary>
    public delegate Task<ToolResult> ToolHandler(Value arguments, CancellationToken cancelled);

    /// <summary>
    /// The tools of a scene: what the companion is told of, and what runs when it asks. Handlers are called on the thread that
    /// calls <see cref="Call"/> (Unity's main thread), each call once, with arguments that fit the schema.
    /// </summary>
    public sealed class Tools
    {
        const int MostTools = 64;
        const int MostValue = 8192;
        const int MostDescription = 1024;

        static readonly Regex Name = new Regex("^[A-Za-z_][A-Za-z0-9_.-]*$", RegexOptions.CultureInvariant);

        sealed class Running
        {
            public readonly CancellationTokenSource Stop = new CancellationTokenSource();
            public long Turn;
            public double Deadline;
        }

        readonly Dictionary<string, KeyValuePair<ToolSpec, ToolHandler>> _tools = new Dictionary<string, KeyValuePair<ToolSpec, ToolHandler>>();
        readonly Dictionary<long, Running> _running = new Dictionary<long, Running>();
        readonly Action<long, ToolResult> _answer;

        /// <param name="answer">Sends what a call came to; called on any thread, once for each call.</param>
        public Tools(Action<long, ToolResult> answer) => _answer = answer;

        /// <summary>Raised when the list changed and has to be sent.</summary>
        public event Action? Changed;

        /// <summary>The whole list, in the order of registration.</summary>
        public IReadOnlyCollection<ToolSpec> Specs
        {
            get
            {
                List<ToolSpec> all = new List<ToolSpec>();
                foreach (KeyValuePair<ToolSpec, ToolHandler> each in _tools.Values) all.Add(each.Key);
                return all;
            }
        }

        /// <summary>Offer a tool. <paramref name="schema"/> is the JSON Schema of its arguments ("" or "{}": none). Dispose what is returned to withdraw it.</summary>
        /// <exception cref="ArgumentException">The name, description or schema cannot travel.</exception>
        public IDisposable Add(string name, string description, string schema, ToolHandler handler)
        {
            if (name.Length > 64 || !Name.IsMatch(name)) throw new ArgumentException("a tool's name has letters, digits, _ . - and at most 64 characters: " + name, nameof(name));
            if (description.Length > MostDescription) throw new ArgumentException("the description of " + name + " is longer than " + MostDescription + " characters", nameof(description));
            if (!_tools.ContainsKey(name) && _tools.Count >= MostTools) throw new ArgumentException("there are " + MostTools + " tools already", nameof(name));
            Value parameters;
            try
            {
                parameters = schema.Length == 0 ? Json.Parse("{}") : Json.Parse(schema);
                parameters.Write(new MessagePackWriter(), 16);
            }
            catch (WireException error)
            {
                throw new ArgumentException("the schema of " + name + " is not usable: " + error.Message, nameof(schema), error);
            }
            if (parameters.Kind != ValueKind.Map) throw new ArgumentException("the schema of " + name + " is not a map", nameof(schema));
            _tools[name] = new KeyValuePair<ToolSpec, ToolHandler>(new ToolSpec(name, description, parameters), handler);
            Changed?.Invoke();
            return new Offer(this, name, handler);
        }

        sealed class Offer : IDisposable
        {
            readonly Tools _tools;
            readonly string _name;
            readonly ToolHandler _handler;

            public Offer(Tools tools, string name, ToolHandler handler)
            {
                _tools = tools;
                _name = name;
                _handler = handler;
            }

            public void Dispose()
            {
                // Another may have taken the name meanwhile.
                if (!_tools._tools.TryGetValue(_name, out KeyValuePair<ToolSpec, ToolHandler> found) || found.Value != _handler) return;
                _tools._tools.Remove(_name);
                _tools.Changed?.Invoke();
            }
        }

        /// <summary>Run what the companion asks for, at <paramref name="now"/> seconds.</summary>
        public void Call(ToolCall call, double now)
        {
            lock (_running)
                if (_running.ContainsKey(call.Call)) return;
            if (!_tools.TryGetValue(call.Name, out KeyValuePair<ToolSpec, ToolHandler> tool))
            {
                _answer(call.Call, ToolResult.Failed("There is no tool " + call.Name + "."));
                return;
            }
            string wrong = Schema.Check(tool.Key.Parameters, call.Arguments);
            if (wrong.Length > 0)
            {
                _answer(call.Call, ToolResult.Failed(wrong));
                return;
            }
            Running running = new Running { Turn = call.Turn, Deadline = now + call.TimeoutMs / 1000.0 };
            lock (_running) _running[call.Call] = running;
            Run(call, tool.Value, running);
        }

        async void Run(ToolCall call, ToolHandler handler, Running running)
        {
            ToolResult result;
            try
            {
                result = await handler(call.Arguments, running.Stop.Token);
            }
            catch (OperationCanceledException)
            {
                result = ToolResult.Cancelled();
            }
            catch (Exception error) // the game's code: whatever it throws is told to the companion, and the game goes on
            {
                Failed?.Invoke(call.Name, error);
                result = ToolResult.Failed("The tool failed.");
            }
            lock (_running)
                if (!_running.Remove(call.Call)) return;
            string value = result.Value.Length > MostValue ? result.Value.Substring(0, MostValue) : result.Value;
            _answer(call.Call, result.Status == ToolStatus.Ok ? ToolResult.Ok(value) : result.Status == ToolStatus.Failed ? ToolResult.Failed(value) : ToolResult.Cancelled(value));
        }

        /// <summary>A handler threw; for the log.</summary>
        public event Action<string, Exception>? Failed;

        /// <summary>Time passes: what has run for too long is cancelled and answered.</summary>
        public void Step(double now) => Stop(now, 0);

        /// <summary>Turns up to this one were cut: what runs for them is cancelled.</summary>
        public void Interrupted(long turn) => Stop(double.NegativeInfinity, turn);

        void Stop(double now, long turn)
        {
            List<KeyValuePair<long, Running>>? over = null;
            lock (_running)
            {
                if (_running.Count == 0) return;
                foreach (KeyValuePair<long, Running> each in _running)
                    if (now > each.Value.Deadline || each.Value.Turn <= turn) (over ??= new List<KeyValuePair<long, Running>>()).Add(each);
                if (over == null) return;
                foreach (KeyValuePair<long, Running> each in over) _running.Remove(each.Key);
            }
            foreach (KeyValuePair<long, Running> each in over)
            {
                each.Value.Stop.Cancel();
                _answer(each.Key, ToolResult.Cancelled());
            }
        }
    }
}
