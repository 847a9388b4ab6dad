#nullable enable
using System;
using UnityEngine;
using UnityEngine.Events;
using UnityEngine.Networking;

namespace CompanionBridge
{
    /// <summary>A UnityEvent with a picture.</summary>
    [Serializable]
    public sealed class PictureEvent : UnityEvent<Texture2D> { }

    /// <summary>
    /// Shows who the companion is, and that it is an AI and no person: name, portrait, and the disclosure of the server in the
    /// language of the user. In many places the law asks for it, from the first moment on and for as long as the companion is
    /// there. It draws them in a corner of the screen unless you show them yourself: wire <see cref="OnDisclosure"/>, or give it
    /// a TextMesh. There is no way to show it nowhere.
    /// </summary>
    [AddComponentMenu("Companion/Companion Identity")]
    public sealed class CompanionIdentity : CompanionPart
    {
        const float Side = 56, Margin = 8; // pixels
        const int PictureBytes = 8 * 1024 * 1024;

        [Tooltip("Optional: shows the disclosure in the scene, instead of in the corner of the screen.")]
        [SerializeField] TextMesh? _text;

        [Tooltip("Show it yourself: with a listener here nothing is drawn in the corner of the screen.")]
        [SerializeField] TextEvent _onDisclosure = new TextEvent();

        [SerializeField] TextEvent _onName = new TextEvent();
        [SerializeField] PictureEvent _onPortrait = new PictureEvent();

        string _path = "", _line = "";
        UnityWebRequest? _request;

        public TextEvent OnDisclosure => _onDisclosure;
        public TextEvent OnName => _onName;
        public PictureEvent OnPortrait => _onPortrait;
        public TextMesh? Text { get => _text; set => _text = value; }

        /// <summary>Who it is, once the server has said so.</summary>
        public Identity? Identity { get; private set; }

        /// <summary>The portrait, once it has come; null where there is none.</summary>
        public Texture2D? Portrait { get; private set; }

        /// <summary>Whether somebody else shows the disclosure.</summary>
        public bool ShownElsewhere => _text != null || _onDisclosure.GetPersistentEventCount() > 0;

        protected override void Attached(Conversation conversation)
        {
            conversation.Welcomed += Welcomed;
            conversation.IdentityChanged += Show;
            Welcome? now = conversation.Session.Welcome;
            if (now != null) Welcomed(now);
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.Welcomed -= Welcomed;
            conversation.IdentityChanged -= Show;
            Forget();
        }

        /// <summary>The address of a path of the server's, from that of its socket.</summary>
        public static string Address(string url, string path)
        {
            Uri socket = new Uri(url);
            string scheme = socket.Scheme == "wss" ? "https" : "http";
            return scheme + "://" + socket.Authority + path;
        }

        void Welcomed(Welcome welcome) => Show(welcome.Identity);

        void Show(Identity who)
        {
            Identity = who;
            _line = who.Disclosure.Length > 0 ? who.Disclosure : who.Name + " is an AI, not a person.";
            if (_text != null) _text.text = _line;
            _onName.Invoke(who.Name);
            _onDisclosure.Invoke(_line);
            if (who.Portrait == _path) return;
            Forget();
            _path = who.Portrait;
            if (_path.Length > 0) Fetch(_path);
        }

        void Fetch(string path)
        {
            UnityWebRequest request = UnityWebRequestTexture.GetTexture(Address(Client!.Url, path), true);
            string token = Client.Token;
            if (token.Length > 0) request.SetRequestHeader("Authorization", "Bearer " + token);
            request.timeout = 20;
            _request = request;
            string refused = Send(request, () => Fetched(request));
            if (refused.Length == 0) return;
            _request = null;
            request.Dispose();
            CompanionLog.Problem(Client.Log, "The portrait is not fetched: " + refused, this);
        }

        /// <summary>
        /// Sends a request; why Unity refuses to, or nothing. Since 2022 it takes no plain http, not even of this machine, unless the project allows it.
        /// </summary>
        public static string Send(UnityWebRequest request, Action then)
        {
            try
            {
                request.SendWebRequest().completed += _ => then();
                return "";
            }
            catch (InvalidOperationException error)
            {
                return error.Message + ". Allow it in Project Settings > Player > Other Settings > Allow downloads over HTTP, or use wss://.";
            }
        }

        void Fetched(UnityWebRequest request)
        {
            if (request != _request) return;
            _request = null;
            if (request.result == UnityWebRequest.Result.Success && (long)request.downloadedBytes <= PictureBytes)
            {
                Portrait = DownloadHandlerTexture.GetContent(request);
                _onPortrait.Invoke(Portrait);
            }
            else CompanionLog.Note(Client != null ? Client.Log : CompanionLogLevel.Problems, "The portrait could not be fetched: " + request.error, this);
            request.Dispose();
        }

        void Forget()
        {
            UnityWebRequest? request = _request;
            _request = null;
            if (request != null)
            {
                request.Abort();
                request.Dispose();
            }
            if (Portrait != null) Destroy(Portrait);
            Portrait = null;
            _path = "";
        }

        void OnGUI()
        {
            if (Identity == null || ShownElsewhere) return;
            float left = Margin, top = Screen.height - Side - Margin;
            if (Portrait != null)
            {
                GUI.DrawTexture(new Rect(left, top, Side, Side), Portrait, ScaleMode.ScaleAndCrop);
                left += Side + Margin;
            }
            GUI.Label(new Rect(left, top, Screen.width - left - Margin, 24), Identity.Name);
            GUI.Label(new Rect(left, top + 22, Screen.width - left - Margin, Side - 22), _line);
        }
    }
}
