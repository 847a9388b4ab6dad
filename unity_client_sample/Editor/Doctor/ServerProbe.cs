#nullable enable
using System;

namespace CompanionBridge.Editor
{
    /// <summary>
    /// Tries a server as a game would: connects, says hello, hears the welcome, says goodbye. Step it until
    /// <see cref="Result"/> is there; it opens a session of the server for that moment.
    /// </summary>
    public sealed class ServerProbe : IDisposable
    {
        readonly Conversation _conversation;
        readonly string _url;
        readonly double _until;

        /// <param name="url">ws:// or wss://</param>
        /// <param name="token">Access token, or "".</param>
        /// <param name="now">Seconds of the clock that is stepped with.</param>
        /// <param name="seconds">How long to wait.</param>
        public ServerProbe(string url, string token, double now, double seconds = 5, Func<ITransport>? connect = null)
        {
            _url = url;
            _until = now + seconds;
            SessionSettings settings = new SessionSettings { Url = url, KeepTrying = false, OpenSeconds = seconds };
            settings.Hello.Client = "unity-setup-doctor/" + CompanionVersion.Text;
            settings.Hello.Token = token;
            settings.Hello.FaceProfile = "none";
            _conversation = new Conversation(settings, connect ?? (() => new ClientWebSocketTransport()));
            _conversation.Welcomed += Welcomed;
            _conversation.StatusChanged += Changed;
            try
            {
                _conversation.Open(now);
            }
            catch (Exception error) when (error is UriFormatException || error is ArgumentException)
            {
                Finish(new Finding(Severity.Error, "The address is none", "\"" + url + "\" should look like ws://127.0.0.1:8765 or wss://host/."));
            }
        }

        /// <summary>What came of it; null while it goes on.</summary>
        public Finding? Result { get; private set; }

        public void Step(double now)
        {
            if (Result != null) return;
            _conversation.Update(now);
            if (Result == null && now > _until) Finish(new Finding(Severity.Error, "No answer from " + _url, "Nothing answered in time. " + Advice));
        }

        public void Dispose() => _conversation.Dispose();

        const string Advice = "Start the bridge (companion serve), and look at the address, the port and the firewall.";

        void Welcomed(Welcome welcome)
        {
            string engines = "";
            foreach (System.Collections.Generic.KeyValuePair<string, string> each in welcome.Engines)
                if (each.Value.Length > 0) engines += (engines.Length > 0 ? ", " : "") + each.Key + " " + each.Value;
            string text = welcome.Name + " answers on " + welcome.Server + ". Engines: " + engines + ".";
            if (!welcome.Has("mic")) text += " It takes no speech, only typed words.";
            bool noticed = welcome.Notice.Length > 0;
            Finish(new Finding(noticed ? Severity.Note : Severity.Good, _url + " is there", noticed ? text + " It says: " + welcome.Notice : text));
        }

        void Changed(SessionStatus status, SessionFault? fault)
        {
            if (fault == null || (status != SessionStatus.Over && status != SessionStatus.Waiting && status != SessionStatus.Lost)) return;
            bool away = fault.Code == "unreachable" || fault.Code == "connection_lost";
            Finish(new Finding(Severity.Error, away ? "No answer from " + _url : _url + " refuses (" + fault.Code + ")", away ? fault.Message + " " + Advice : fault.Message));
        }

        void Finish(Finding finding)
        {
            if (Result != null) return;
            Result = finding;
            _conversation.Close();
        }
    }
}
