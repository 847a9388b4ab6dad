#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>How face frames are coded: channel names in the order of their bytes, each with its range.</summary>
    public sealed class FaceFormat
    {
        public FaceFormat(string profile, int fps, string[] names, double[] low, double[] high)
        {
            Profile = profile;
            Fps = fps;
            Names = names;
            Low = low;
            High = high;
        }

        public static readonly FaceFormat None = new FaceFormat("none", 60, Array.Empty<string>(), Array.Empty<double>(), Array.Empty<double>());

        public string Profile { get; }
        public int Fps { get; }
        public string[] Names { get; }
        public double[] Low { get; }
        public double[] High { get; }

        /// <summary>Channels, and bytes of a frame.</summary>
        public int Width => Names.Length;

        /// <summary>Weight of a channel for its byte: low + (high - low) * byte / 255.</summary>
        public float Weight(int channel, double octet) => (float)(Low[channel] + (High[channel] - Low[channel]) * octet / 255);

        /// <summary>Index of a channel, or -1.</summary>
        public int IndexOf(string name) => Array.IndexOf(Names, name);
    }

    /// <summary>Somebody that the companion is, or can be.</summary>
    public sealed class Identity
    {
        /// <summary>What Hello.Identity calls them.</summary>
        public string Id { get; internal set; } = "";
        public string Name { get; internal set; } = "";
        public string Description { get; internal set; } = "";

        /// <summary>What they speak now, as a BCP-47 tag; of those that are only listed it is empty.</summary>
        public string Language { get; internal set; } = "";

        /// <summary>Codes of all languages that they can speak.</summary>
        public string[] Languages { get; internal set; } = Array.Empty<string>();
        public string[] Voices { get; internal set; } = Array.Empty<string>();

        /// <summary>Says, in the language Locale, that this is an AI and no person. Keep it in sight.</summary>
        public string Disclosure { get; internal set; } = "";
        public string Locale { get; internal set; } = "";

        /// <summary>Nobody has reviewed and sealed this identity.</summary>
        public bool Draft { get; internal set; }

        /// <summary>Paths on the server's port: a PNG, JPEG or WebP, and a GLB; empty where there is none.</summary>
        public string Portrait { get; internal set; } = "";
        public string Head { get; internal set; } = "";
    }

    /// <summary>The server's answer to hello: who speaks, how media is coded, what may be used.</summary>
    public sealed class Welcome
    {
        public int Version { get; internal set; }
        public string Server { get; internal set; } = "";
        public string Session { get; internal set; } = "";

        /// <summary>Secret that resumes the session; never logged.</summary>
        public string Token { get; internal set; } = "";

        /// <summary>Secret that lets a viewer see the session.</summary>
        public string Watch { get; internal set; } = "";
        public bool Resumed { get; internal set; }
        public long Seq { get; internal set; }
        public string Reason { get; internal set; } = "";
        public double ResumeSeconds { get; internal set; }
        public int LeadMs { get; internal set; }
        public string Codec { get; internal set; } = "pcm_s16le";
        public int Rate { get; internal set; } = 24000;
        public FaceFormat Face { get; internal set; } = FaceFormat.None;
        public Identity Identity { get; internal set; } = new Identity();

        /// <summary>Whom the server can be; Hello.Identity asks for one.</summary>
        public Identity[] Identities { get; internal set; } = Array.Empty<Identity>();

        /// <summary>The language model that answers, and those that Hello.Model may ask for; empty: there is no choice.</summary>
        public string Model { get; internal set; } = "";
        public string[] Models { get; internal set; } = Array.Empty<string>();
        public string Name => Identity.Name;
        public string Description => Identity.Description;
        public string Language => Identity.Language;
        public Dictionary<string, string> Engines { get; internal set; } = new Dictionary<string, string>();
        public int MessageBytes { get; internal set; }
        public int TextChars { get; internal set; }
        public int MessagesPerSecond { get; internal set; }
        public double IdleSeconds { get; internal set; }
        public string[] Features { get; internal set; } = Array.Empty<string>();

        /// <summary>A sentence for the user, such as that no language model is loaded.</summary>
        public string Notice { get; internal set; } = "";

        /// <summary>Whether this user is remembered from session to session.</summary>
        public bool Memory { get; internal set; }

        /// <summary>Whether the server can do something.</summary>
        public bool Has(string feature) => Array.IndexOf(Features, feature) >= 0;
    }
}
