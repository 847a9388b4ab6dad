#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// What is asked about the memory of the user: that they agree to be remembered, or no longer do (which deletes nothing);
    /// what is remembered; to delete some facts or everything; a blob for the game's own save, and to take one back.
    /// </summary>
    public enum MemoryOp { Agree, Refuse, Tell, Forget, Erase, Export, Import }

    /// <summary>Something that is remembered of the user, as a sentence to them.</summary>
    public sealed class MemoryFact
    {
        internal const int Most = 4096; // that are kept of one answer

        internal MemoryFact(long id, string kind, string text, string day)
        {
            Id = id;
            Kind = kind;
            Text = text;
            Day = day;
        }

        /// <summary>For <see cref="Conversation.ForgetFacts"/>.</summary>
        public long Id { get; }

        /// <summary>name, pet, favourite, promise ...; there may be new ones.</summary>
        public string Kind { get; }
        public string Text { get; }

        /// <summary>When it was said last, ISO 8601; empty: not known.</summary>
        public string Day { get; }

        internal static MemoryFact[] All(Value list)
        {
            MemoryFact[] all = new MemoryFact[Math.Min(list.Items.Count, Most)];
            for (int index = 0; index < all.Length; index++)
            {
                Value each = list.Items[index];
                bool whole = each["id"].AsInt() > 0 && each["kind"].Kind == ValueKind.String && each["text"].Kind == ValueKind.String;
                if (!whole) throw new WireException("a fact lacks id, kind or text");
                all[index] = new MemoryFact(each["id"].AsInt(), each["kind"].AsString(), each["text"].AsString(), each["day"].AsString());
            }
            return all;
        }
    }

    /// <summary>The server's answer to what was asked about the memory.</summary>
    public sealed class MemoryAnswer
    {
        MemoryAnswer(Value map)
        {
            Op = MemoryOps.Named(map["op"].AsString());
            On = map["on"].AsBool();
            Facts = MemoryFact.All(map["facts"]);
            Episodes = Strings(map["episodes"]);
            Count = map["count"].AsInt();
            Blob = map["blob"].AsBytes();
        }

        internal static MemoryAnswer Read(Value map)
        {
            bool right = map["op"].Kind == ValueKind.String && map["on"].Kind == ValueKind.Bool
                && Either(map["facts"], ValueKind.List) && Either(map["episodes"], ValueKind.List)
                && Either(map["count"], ValueKind.Int) && map["count"].AsInt() >= 0 && Either(map["blob"], ValueKind.Bytes);
            return right ? new MemoryAnswer(map) : throw new WireException("memory lacks a field, or has one of another type");
        }

        static string[] Strings(Value list)
        {
            string[] all = new string[Math.Min(list.Items.Count, MemoryFact.Most)];
            for (int index = 0; index < all.Length; index++)
            {
                if (list.Items[index].Kind != ValueKind.String) throw new WireException("an episode is not a string");
                all[index] = list.Items[index].AsString();
            }
            return all;
        }

        static bool Either(Value field, ValueKind kind) => field.IsNull || field.Kind == kind;

        /// <summary>What it answers.</summary>
        public MemoryOp Op { get; }

        /// <summary>Whether the user is remembered now.</summary>
        public bool On { get; }

        /// <summary>Of Tell: what is remembered, what matters most first, and what earlier sessions were about, the newest first.</summary>
        public IReadOnlyList<MemoryFact> Facts { get; }
        public IReadOnlyList<string> Episodes { get; }

        /// <summary>Of Forget, Erase, Import: how many facts it was.</summary>
        public long Count { get; }

        /// <summary>Of Export: at most 65536 bytes, signed; keep them as they are.</summary>
        public byte[] Blob { get; }
    }

    internal static class MemoryOps
    {
        static readonly string[] Names = { "agree", "refuse", "tell", "forget", "erase", "export", "import" };

        public static string Name(MemoryOp op) => Names[(int)op];

        public static MemoryOp Named(string name)
        {
            int found = Array.IndexOf(Names, name);
            return found >= 0 ? (MemoryOp)found : throw new WireException("memory.op is " + name);
        }
    }
}
