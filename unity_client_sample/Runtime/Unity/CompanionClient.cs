#nullable enable
using System;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>What happens to a conversation while the game is in the background.</summary>
    public enum BackgroundPolicy
    {
        /// <summary>It goes on, if the platform lets the game run.</summary>
        GoOn,

        /// <summary>What is being said is stopped and the microphone is deaf; the connection is kept.</summary>
        Stop,
    }

    /// <summary>Which shapes the server is asked for.</summary>
    public enum FaceProfile { Automatic, Arkit52, Oculus15, Vrm, None }

    /// <summary>
    /// The connection to one companion. Put it on the character; the other components find it there. Everything they share is
    /// in <see cref="Conversation"/>.
    /// </summary>
    [DisallowMultipleComponent]
    [DefaultExecutionOrder(-50)]
    [AddComponentMenu("Companion/Companion Client")]
    [HelpURL("https://github.com/companion-bridge/companion-bridge/blob/main/unity_client_sample/README.md")]
    public sealed class CompanionClient : MonoBehaviour
    {
        const int PumpMs = 50;
        const double ReachSeconds = 1;

        [Header("Server")]
        [Tooltip("ws:// on this machine or your own network, wss:// elsewhere.")]
        [SerializeField] string _url = "ws://127.0.0.1:8765";

        [Tooltip("Access token, where the server asks for one. Do not ship one inside a game: set it from code.")]
        [SerializeField] string _token = "";

        [SerializeField] bool _connectOnStart = true;

        [Tooltip("Open a new conversation by itself when one ended for a reason that passes: the server restarts, is full, cannot be reached.")]
        [SerializeField] bool _keepTrying = true;

        [Header("Conversation")]
        [Tooltip("What the companion calls the user.")]
        [SerializeField] string _userName = "";

        [Tooltip("Language of the user, such as en-us. Empty: the companion's own.")]
        [SerializeField] string _language = "";

        [Tooltip("The companion speaks first.")]
        [SerializeField] bool _greet = true;

        [Tooltip("Only if the user wears some: the microphone then does not hear the loudspeaker, and the user may talk over a reply. Echo cancellation of the system is found by the Companion Microphone itself.")]
        [SerializeField] bool _headphones;

        [Tooltip("How far ahead of what is heard the server sends, 100 to 2000 ms: more on a bad line, less where an interruption must waste little. 0: as the server likes.")]
        [SerializeField, Range(0, 2000)] int _leadMs;

        [SerializeField] BackgroundPolicy _inBackground = BackgroundPolicy.Stop;

        [Header("Face")]
        [Tooltip("Automatic: what the character's meshes can show best.")]
        [SerializeField] FaceProfile _profile = FaceProfile.Automatic;

        [Tooltip("Face frames a second; must divide 48000.")]
        [SerializeField] int _faceFps = 60;

        [Tooltip("Blinks, gaze and breath between replies, made by the server.")]
        [SerializeField] bool _idleFace = true;

        [Header("Development")]
        [SerializeField] CompanionLogLevel _log = CompanionLogLevel.Problems;

        [Tooltip("Keep what is heard and shown, for Conversation.Recording.Save. Not for a shipped game.")]
        [SerializeField] bool _record;

        Conversation? _conversation;
        Timer? _pump;
        bool _deaf, _wanted; // Unity keeps them when scripts are compiled in play mode, and with them the wish to be connected
        NetworkReachability _reach;
        double _reachAt;

        /// <summary>Everything about the conversation; made on first use.</summary>
        public Conversation Conversation => _conversation ??= Make();

        /// <summary>Makes connections; for tests, or for a transport of your own. Set it before the first use.</summary>
        public Func<ITransport>? Transport { get; set; }

        /// <summary>Gives a fresh access token before each connection; called on a thread of the pool (WebGL: on the main thread), so it may wait.</summary>
        public Func<string>? TokenSource { get; set; }

        /// <summary>The same for code that awaits, such as a web request; called like <see cref="TokenSource"/> and preferred to it.</summary>
        public Func<Task<string>>? TokenTask { get; set; }

        /// <summary>Where the bridge is. A change counts from the next connection on, also for one that is waited for.</summary>
        public string Url
        {
            get => _url;
            set
            {
                _url = value;
                if (_conversation != null) _conversation.Settings.Url = value;
            }
        }

        public string Token
        {
            get => _token;
            set
            {
                _token = value;
                if (_conversation != null) _conversation.Settings.Hello.Token = value;
            }
        }

        public string UserName { get => _userName; set => _userName = value; }
        public bool Greet { get => _greet; set => _greet = value; }
        public bool Headphones { get => _headphones; set => _headphones = value; }
        public int LeadMs { get => _leadMs; set => _leadMs = value; }
        public bool ConnectOnStart { get => _connectOnStart; set => _connectOnStart = value; }
        public FaceProfile Profile { get => _profile; set => _profile = value; }
        public CompanionLogLevel Log { get => _log; set => _log = value; }
        public bool Record { get => _record; set => _record = value; }

        public bool IsConnected => _conversation != null && _conversation.Session.Status == SessionStatus.Open;
        public CompanionState State => _conversation?.State ?? CompanionState.Idle;

        /// <summary>Name of the companion; empty before the first connection.</summary>
        public string CompanionName => _conversation?.Session.Welcome?.Name ?? "";

        /// <summary>A conversation was made, for components that add tools or listen to events.</summary>
        public event Action<Conversation>? Ready;

        // ---------------------------------------------------------------------- for code, buttons and UnityEvents

        public void Connect()
        {
            _wanted = true;
            if (_conversation != null && _conversation.Session.Status == SessionStatus.Over) Forget();
            // Parts ask for the conversation before the game's Start has set anything: what holds is what is set now.
            Configure(Conversation);
            Conversation.Open(CompanionClock.Now);
        }

        /// <summary>End the conversation for good.</summary>
        public void Disconnect()
        {
            _wanted = false;
            _conversation?.Close();
        }

        /// <summary>Say this as the user, as if typed.</summary>
        public void Say(string text)
        {
            if (!Conversation.Say(text)) CompanionLog.Problem(_log, "Empty or too long, not sent: " + text.Length + " characters", this);
        }

        /// <summary>Stop what the companion is saying.</summary>
        public void StopTalking() => _conversation?.Stop();

        /// <summary>Tell what happened in the scene, in a sentence; the companion takes note.</summary>
        public void Happened(string sentence) => Conversation.Happened(sentence);

        /// <summary>Tell what happened, and have the companion say something about it.</summary>
        public void HappenedAndRespond(string sentence) => Conversation.Happened(sentence, Respond.Must);

        /// <summary>A fact of the scene that holds from now on; an empty value removes it.</summary>
        public void SetState(string key, string value) => Conversation.SetState(key, value);

        // ---------------------------------------------------------------------- Unity's calls

        void Start()
        {
            if (_connectOnStart) Connect();
        }

        void OnEnable()
        {
            _reach = Application.internetReachability;
            if (_wanted) Connect();
        }

        // Also before scripts are compiled in play mode: no thread and no socket may outlive the code.
        void OnDisable() => Forget();

        void Update()
        {
            if (_conversation == null) return;
#if UNITY_WEBGL && !UNITY_EDITOR
            WebGLTransport.PollAll();
#endif
            double now = CompanionClock.Now;
            if (now - _reachAt >= ReachSeconds) Reach(now);
            _conversation.Update(now);
        }

        // Unity asks the system each time, which takes long on some devices.
        void Reach(double now)
        {
            _reachAt = now;
            NetworkReachability reach = Application.internetReachability;
            if (reach == _reach) return;
            _reach = reach;
            if (reach != NetworkReachability.NotReachable) _conversation!.Session.Hurry(now);
        }

        void OnApplicationPause(bool paused) => Background(paused);

        void OnApplicationFocus(bool focused)
        {
            // A game that runs in the background loses the key of push-to-talk with its focus all the same.
            if (!focused) _conversation?.Ear.Release();
            if (!Application.runInBackground) Background(!focused);
        }

        void Background(bool away)
        {
            if (_conversation == null || away == _deaf) return;
            _deaf = away;
            if (away)
            {
                _conversation.Ear.Release();
                if (_inBackground == BackgroundPolicy.Stop) _conversation.Stop();
                return;
            }
            _conversation.Voice.Restart();
            _conversation.Session.Hurry(CompanionClock.Now);
        }

        void OnApplicationQuit() => Forget();

        void Forget()
        {
            _pump?.Dispose();
            _pump = null;
            _conversation?.Dispose();
            _conversation = null;
        }

        Conversation Make()
        {
            Conversation made = new Conversation(new SessionSettings { Url = _url }, () => Transport != null ? Transport() : DefaultTransport(), clock: () => CompanionClock.Now);
            made.StatusChanged += OnStatus;
            made.Welcomed += OnWelcome;
            made.Failed += error => CompanionLog.Problem(_log, error.Message + " (" + error.Code + ")", this);
            made.Session.Untold += error => Debug.LogException(error, this);
            made.UnknownEmotion += name => CompanionLog.Note(_log, "Unknown emotion: " + name, this);
            made.Tools.Failed += (name, error) => Debug.LogException(error, this);
            _conversation = made;
#if !UNITY_WEBGL || UNITY_EDITOR
            if (CompanionClock.Source == null) _pump = new Timer(Pump, made, PumpMs, PumpMs);
#endif
            Ready?.Invoke(made);
            return made;
        }

        void Configure(Conversation conversation)
        {
            SessionSettings settings = conversation.Settings;
            settings.Url = _url;
            settings.KeepTrying = _keepTrying;
            settings.FreshToken = TokenTask != null || TokenSource != null ? FreshToken : (Func<Task<string>>?)null;
            conversation.Record = _record;
            Hello hello = settings.Hello;
            hello.Client = "unity/" + CompanionVersion.Text;
            hello.Token = _token;
            hello.User = Clip(_userName, 64);
            hello.Language = Clip(_language, 35);
            hello.Greet = _greet;
            hello.EchoCancelled = _headphones || CancelsEcho();
            hello.LeadMs = _leadMs;
            hello.FaceProfile = Wanted();
            hello.FaceFps = _faceFps >= 10 && _faceFps <= 120 && 48000 % _faceFps == 0 ? _faceFps : 60;
            hello.Memory = Remembering();
            CompanionRoom room = GetComponentInChildren<CompanionRoom>();
            if (room != null) room.Write(hello);
            hello.Features = _idleFace ? new[] { "idle_face" } : Array.Empty<string>();
        }

        bool CancelsEcho()
        {
            CompanionMicrophone ear = GetComponentInChildren<CompanionMicrophone>();
            return ear != null && ear.CancelsEcho;
        }

        string Remembering()
        {
            CompanionMemory memory = GetComponentInChildren<CompanionMemory>();
            return memory != null ? memory.Word : "";
        }

        // Returns at once, whatever the game's code does: the session is locked meanwhile.
        Task<string> FreshToken()
        {
            Func<Task<string>>? task = TokenTask;
            Func<string>? source = TokenSource;
#if UNITY_WEBGL && !UNITY_EDITOR
            return task != null ? task() : Task.FromResult(source!());
#else
            return Task.Run(() => task != null ? task() : Task.FromResult(source!()));
#endif
        }

        // Keeps the connection going while the game's frames stand still (loading a scene).
        static void Pump(object made) => ((Conversation)made).Pump(CompanionClock.Now);

        static ITransport DefaultTransport()
        {
#if UNITY_WEBGL && !UNITY_EDITOR
            return new WebGLTransport();
#else
            return new ClientWebSocketTransport();
#endif
        }

        string Wanted()
        {
            switch (_profile)
            {
                case FaceProfile.Arkit52: return "arkit52";
                case FaceProfile.Oculus15: return "oculus15";
                case FaceProfile.Vrm: return "vrm";
                case FaceProfile.None: return "none";
            }
            CompanionFace face = GetComponentInChildren<CompanionFace>(true);
            return face == null ? "none" : face.BestProfile();
        }

        void OnStatus(SessionStatus status, SessionFault? fault)
        {
            if (fault != null) CompanionLog.Problem(_log, fault.ToString(), this);
            else CompanionLog.Note(_log, "Connection: " + status, this);
        }

        void OnWelcome(Welcome welcome)
        {
            CompanionLog.Note(_log, (welcome.Resumed ? "Resumed with " : "Connected to ") + welcome.Name + " (" + welcome.Server + ")", this);
            if (welcome.Notice.Length > 0) CompanionLog.Problem(_log, welcome.Notice, this);
        }

        static string Clip(string text, int most) => text.Length <= most ? text : text.Substring(0, most);
    }
}
