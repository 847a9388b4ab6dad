#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>Reads a welcome; every field that is there must be of its type and within what can be played.</summary>
    internal static class WelcomeReader
    {
        static readonly string[] Required =
        {
            "version", "server", "session", "token", "resumed", "seq", "resume_s", "lead_ms",
            "audio", "face", "identity", "engines", "limits", "features",
        };

        const int Listed = 256; // identities that are kept

        public static Welcome Read(Value map)
        {
            foreach (string name in Required)
                if (!map.Has(name)) throw new WireException("welcome lacks " + name);
            Welcome welcome = new Welcome
            {
                Version = (int)Math.Min(int.MaxValue, Int(map, "version", 0)),
                Server = Text(map, "server"),
                Session = Text(map, "session"),
                Token = Text(map, "token"),
                Watch = Text(map, "watch"),
                Resumed = Kind(map, "resumed", ValueKind.Bool).AsBool(),
                Seq = Int(map, "seq", 0),
                Reason = Text(map, "reason"),
                ResumeSeconds = Float(map, "resume_s"),
                LeadMs = (int)Math.Min(600000, Int(map, "lead_ms", 0)),
                Engines = Texts(Kind(map, "engines", ValueKind.Map)),
                Features = Strings(Kind(map, "features", ValueKind.List), "features"),
                Notice = Text(map, "notice"),
                Memory = map.Has("memory") && Kind(map, "memory", ValueKind.Bool).AsBool(),
            };
            Value audio = Kind(map, "audio", ValueKind.Map);
            welcome.Codec = audio["codec"].AsString("pcm_s16le");
            if (welcome.Codec != "pcm_s16le") throw new WireException("the server sends the codec " + welcome.Codec + ", which was not asked for");
            long rate = audio.Has("rate") ? Int(audio, "rate", 1) : 24000;
            if (rate > 48000 || 48000 % rate != 0) throw new WireException(rate + " samples a second do not divide 48000");
            welcome.Rate = (int)rate;
            welcome.Face = Face(Kind(map, "face", ValueKind.Map));
            welcome.Identity = Person(Kind(map, "identity", ValueKind.Map));
            welcome.Identities = map.Has("identities") ? People(Kind(map, "identities", ValueKind.List)) : Array.Empty<Identity>();
            welcome.Model = Text(map, "model");
            welcome.Models = map.Has("models") ? Strings(Kind(map, "models", ValueKind.List), "models") : Array.Empty<string>();
            Value limits = Kind(map, "limits", ValueKind.Map);
            welcome.MessageBytes = (int)Math.Min(int.MaxValue, Int(limits, "message_bytes", 0));
            welcome.TextChars = (int)Math.Min(int.MaxValue, Int(limits, "text_chars", 0));
            welcome.MessagesPerSecond = (int)Math.Min(int.MaxValue, Int(limits, "messages_per_s", 0));
            welcome.IdleSeconds = Float(limits, "idle_s");
            return welcome;
        }

        static Identity[] People(Value list)
        {
            Identity[] all = new Identity[Math.Min(list.Items.Count, Listed)];
            for (int index = 0; index < all.Length; index++)
            {
                if (list.Items[index].Kind != ValueKind.Map) throw new WireException("identities holds what is not a map");
                all[index] = Person(list.Items[index]);
            }
            return all;
        }

        /// <summary>Who speaks, as the message identity tells it.</summary>
        public static Identity Who(Value map)
        {
            if (map.Kind != ValueKind.Map) throw new WireException("identity is a " + map.Kind + " where a Map is due");
            if (!map.Has("name")) throw new WireException("identity lacks name");
            return Person(map);
        }

        static Identity Person(Value map) => new Identity
        {
            Id = Text(map, "id"),
            Name = Text(map, "name"),
            Description = Text(map, "description"),
            Language = Text(map, "language"),
            Languages = map.Has("languages") ? Strings(Kind(map, "languages", ValueKind.List), "languages") : Array.Empty<string>(),
            Voices = map.Has("voices") ? Strings(Kind(map, "voices", ValueKind.List), "voices") : Array.Empty<string>(),
            Locale = Text(map, "locale"),
            Disclosure = Text(map, "disclosure"),
            Draft = map.Has("draft") && Kind(map, "draft", ValueKind.Bool).AsBool(),
            Portrait = Text(map, "portrait"),
            Head = Text(map, "head"),
        };

        static FaceFormat Face(Value face)
        {
            string[] names = Strings(Kind(face, "names", ValueKind.List), "face.names");
            IReadOnlyList<Value> ranges = Kind(face, "ranges", ValueKind.List).Items;
            long fps = Int(face, "fps", 1);
            if (names.Length == 0) return new FaceFormat(Text(face, "profile"), 60, names, Array.Empty<double>(), Array.Empty<double>());
            if (fps > 1000 || 48000 % fps != 0) throw new WireException(fps + " face frames a second do not divide 48000");
            if (names.Length > 1024) throw new WireException("the face has " + names.Length + " channels");
            if (ranges.Count != names.Length) throw new WireException("face.ranges and face.names differ in length");
            double[] low = new double[names.Length], high = new double[names.Length];
            for (int index = 0; index < names.Length; index++)
            {
                if (ranges[index].Items.Count != 2) throw new WireException("a range of face.ranges is not a pair");
                low[index] = ranges[index].Items[0].AsFloat(double.NaN);
                high[index] = ranges[index].Items[1].AsFloat(double.NaN);
                if (double.IsNaN(low[index] + high[index])) throw new WireException("a range of face.ranges is not of numbers");
            }
            return new FaceFormat(Text(face, "profile"), (int)fps, names, low, high);
        }

        static Value Kind(Value map, string name, ValueKind kind)
        {
            Value found = map[name];
            if (found.Kind != kind) throw new WireException(name + " is a " + found.Kind + " where a " + kind + " is due");
            return found;
        }

        static string Text(Value map, string name) => map.Has(name) ? Kind(map, name, ValueKind.String).AsString() : "";

        static long Int(Value map, string name, long least)
        {
            long found = Kind(map, name, ValueKind.Int).AsInt();
            if (found < least) throw new WireException(name + " is " + found + ", below " + least);
            return found;
        }

        static double Float(Value map, string name)
        {
            double found = map[name].AsFloat(double.NaN);
            if (double.IsNaN(found)) throw new WireException(name + " is not a number");
            return found;
        }

        static string[] Strings(Value list, string name)
        {
            string[] all = new string[list.Items.Count];
            for (int index = 0; index < all.Length; index++)
            {
                if (list.Items[index].Kind != ValueKind.String) throw new WireException(name + " holds what is not a string");
                all[index] = list.Items[index].AsString();
            }
            return all;
        }

        static Dictionary<string, string> Texts(Value map)
        {
            Dictionary<string, string> all = new Dictionary<string, string>();
            foreach (KeyValuePair<string, Value> field in map.Fields) all[field.Key] = field.Value.AsString();
            return all;
        }
    }
}
