#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>What a client says about itself when it connects; empty fields are left out.</summary>
    public sealed class Hello
    {
        public string Client = "";
        public string Companion = "main";

        /// <summary>Who the companion is to be, an Id of Welcome.Identities, and a voice of Welcome.Identity.Voices; empty: as the server has them.</summary>
        public string Identity = "", Voice = "";

        /// <summary>The language model that is to answer, one of Welcome.Models; empty: the server's.</summary>
        public string Model = "";
        public bool Viewer;

        /// <summary>Access token, where the server asks for one; never logged.</summary>
        public string Token = "";

        /// <summary>Viewers: the session to see, and its welcome.watch.</summary>
        public string WatchSession = "", WatchToken = "";
        public string[] Codecs = { "pcm_s16le" };

        /// <summary>True only if the microphone does not hear the loudspeaker.</summary>
        public bool EchoCancelled;

        /// <summary>How far ahead of the playhead to be kept, 100 to 2000 ms; 0: as the server likes.</summary>
        public int LeadMs;
        public string FaceProfile = "arkit52";
        public int FaceFps = 60;

        /// <summary>The channels of SeenFace.Weights in order, ARKit names; empty: the client sees no faces.</summary>
        public string[] SeenNames = Array.Empty<string>();
        public string Language = "";
        public string User = "";
        public bool Greet;

        /// <summary>"on": the user agrees to be remembered; "off": does not; empty: as it was. Ask them first.</summary>
        public string Memory = "";
        public string[] Features = Array.Empty<string>();

        /// <summary>The room to enter, and what keeps others out of it; empty: a conversation of your own. Whoever comes first opens it.</summary>
        public string Room = "", RoomKey = "";

        /// <summary>What whoever opens it says of it: talk, meeting or class; who is in the cast (nobody: Identity); what a meeting is about.</summary>
        public string RoomKind = "talk";
        public CastMember[] RoomCast = Array.Empty<CastMember>();
        public RoomTopic[] RoomAgenda = Array.Empty<RoomTopic>();

        internal void Write(MessagePackWriter writer, string session, string secret, long seq)
        {
            int map = writer.Begin();
            writer.Field(map, "type").String("hello");
            Text(writer, map, "client", Client);
            if (Companion != "main") writer.Field(map, "companion").String(Companion);
            Text(writer, map, "identity", Identity);
            Text(writer, map, "voice", Voice);
            Text(writer, map, "model", Model);
            if (Viewer) writer.Field(map, "role").String("viewer");
            Text(writer, map, "token", Token);
            if (session.Length > 0) Held(writer.Field(map, "resume"), session, secret, seq);
            if (WatchSession.Length > 0) Held(writer.Field(map, "watch"), WatchSession, WatchToken, 0);
            bool plain = Codecs.Length == 1 && Codecs[0] == "pcm_s16le";
            if (!plain || EchoCancelled || LeadMs > 0)
            {
                writer.Field(map, "audio");
                int audio = writer.Begin();
                if (!plain) Strings(writer.Field(audio, "codecs"), Codecs);
                if (EchoCancelled) writer.Field(audio, "aec").Bool(true);
                if (LeadMs > 0) writer.Field(audio, "lead_ms").Int(Math.Min(2000, Math.Max(100, LeadMs)));
            }
            if (FaceProfile != "arkit52" || FaceFps != 60)
            {
                writer.Field(map, "face");
                int face = writer.Begin();
                if (FaceProfile != "arkit52") writer.Field(face, "profile").String(FaceProfile);
                if (FaceFps != 60) writer.Field(face, "fps").Int(FaceFps);
            }
            if (SeenNames.Length > 0)
            {
                writer.Field(map, "seen");
                int seen = writer.Begin();
                Strings(writer.Field(seen, "names"), SeenNames);
            }
            Text(writer, map, "language", Language);
            Text(writer, map, "user", User);
            if (Greet) writer.Field(map, "greet").Bool(true);
            Text(writer, map, "memory", Memory);
            if (Room.Length > 0)
            {
                writer.Field(map, "room");
                int room = writer.Begin();
                writer.Field(room, "name").String(Room);
                Text(writer, room, "key", RoomKey);
                RoomOpening.Write(writer, room, RoomKind, RoomCast, RoomAgenda);
            }
            if (Features.Length > 0) Strings(writer.Field(map, "features"), Features);
        }

        static void Text(MessagePackWriter writer, int map, string name, string text)
        {
            if (text.Length > 0) writer.Field(map, name).String(text);
        }

        static void Held(MessagePackWriter writer, string session, string secret, long seq)
        {
            int map = writer.Begin();
            writer.Field(map, "session").String(session);
            writer.Field(map, "token").String(secret);
            writer.Field(map, "seq").Int(seq);
        }

        static void Strings(MessagePackWriter writer, string[] all)
        {
            writer.Array(all.Length);
            foreach (string each in all) writer.String(each);
        }
    }
}
