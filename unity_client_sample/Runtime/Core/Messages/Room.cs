#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>What somebody does in a room beside speaking: raise a hand or take it down; as a host give the word, go on to the next item, end the meeting; ask for the minutes.</summary>
    public enum RoomOp { Hand, Lower, Give, Next, Minutes, End }

    /// <summary>Somebody in a room.</summary>
    public sealed class RoomPerson
    {
        internal RoomPerson(Value map)
        {
            Name = RoomFields.Needed(map, "name");
            Host = RoomFields.Flag(map, "host", false);
            Hand = RoomFields.Flag(map, "hand", false);
            Here = RoomFields.Flag(map, "here", true);
        }

        /// <summary>Theirs alone in this room.</summary>
        public string Name { get; }
        public bool Host { get; }

        /// <summary>Has a hand up.</summary>
        public bool Hand { get; }

        /// <summary>False: their connection is lost and may come back.</summary>
        public bool Here { get; }
    }

    /// <summary>One of the companions of a room.</summary>
    public sealed class RoomCompanion
    {
        internal RoomCompanion(Value map)
        {
            Key = RoomFields.Text(map, "companion", "main");
            Identity = WelcomeReader.Who(map["identity"]);
            Value place = map["place"];
            if (place.IsNull) return;
            if (place.Kind != ValueKind.List || place.Items.Count != 3) throw new WireException("a companion's place is not three numbers");
            HasPlace = true;
            Right = place.Items[0].AsFloat();
            Up = place.Items[1].AsFloat();
            Forward = place.Items[2].AsFloat();
        }

        /// <summary>What messages about it call it.</summary>
        public string Key { get; }
        public Identity Identity { get; }

        /// <summary>Whether it stands anywhere, and where in the scene, in metres.</summary>
        public bool HasPlace { get; }
        public double Right { get; }
        public double Up { get; }
        public double Forward { get; }
    }

    /// <summary>Something that a meeting is about.</summary>
    public sealed class AgendaItem
    {
        internal AgendaItem(Value map)
        {
            Title = RoomFields.Needed(map, "title");
            Minutes = RoomFields.Number(map, "minutes");
            SpentSeconds = RoomFields.Number(map, "spent_s");
        }

        public string Title { get; }

        /// <summary>How long it may take; 0: as long as it takes.</summary>
        public double Minutes { get; }
        public double SpentSeconds { get; }
    }

    /// <summary>A room as it is now: who is in it, and what a meeting is at.</summary>
    public sealed class RoomState
    {
        const int Most = 1024; // of each list that are kept

        RoomState(Value map)
        {
            Name = RoomFields.Needed(map, "room");
            You = RoomFields.Needed(map, "you");
            Kind = RoomFields.Text(map, "kind", "talk");
            People = RoomFields.List(map, "people", Most, each => new RoomPerson(each));
            Companions = RoomFields.List(map, "companions", Most, each => new RoomCompanion(each));
            Agenda = RoomFields.List(map, "agenda", Most, each => new AgendaItem(each));
            long item = map.Has("item") && map["item"].Kind == ValueKind.Int ? map["item"].AsInt() : map.Has("item") ? -1 : 0;
            if (item < 0) throw new WireException("room.item does not count");
            Item = (int)Math.Min(int.MaxValue, item);
            Word = RoomFields.Text(map, "word", "");
            Minutes = RoomFields.Text(map, "minutes", "");
        }

        internal static RoomState Read(Value map) => new RoomState(map);

        public string Name { get; }

        /// <summary>What you are called there.</summary>
        public string You { get; }

        /// <summary>talk, meeting or class.</summary>
        public string Kind { get; }

        /// <summary>In the order in which they came.</summary>
        public IReadOnlyList<RoomPerson> People { get; }
        public IReadOnlyList<RoomCompanion> Companions { get; }
        public IReadOnlyList<AgendaItem> Agenda { get; }

        /// <summary>Where in the agenda the meeting is, counted from 1; 0: it has not begun, or is over.</summary>
        public int Item { get; }

        /// <summary>Who was given the word; empty: nobody.</summary>
        public string Word { get; }

        /// <summary>The minutes so far, Markdown; empty unless they were asked for, or the meeting is over.</summary>
        public string Minutes { get; }
    }

    /// <summary>What somebody else in the room has said or typed.</summary>
    public readonly struct Said
    {
        public readonly long Seq;
        public readonly string By, Text;

        /// <summary>A companion's answer to you alone.</summary>
        public readonly bool Private;

        public Said(long seq, string by, string text, bool isPrivate)
        {
            Seq = seq;
            By = by;
            Text = text;
            Private = isPrivate;
        }

        internal static Said Read(Value map)
        {
            if (map["seq"].Kind != ValueKind.Int || map["seq"].AsInt() < 0) throw new WireException("said has no seq");
            return new Said(map["seq"].AsInt(), RoomFields.Needed(map, "by"), RoomFields.Needed(map, "text"), RoomFields.Flag(map, "private", false));
        }
    }

    internal static class RoomFields
    {
        static readonly string[] Ops = { "hand", "lower", "give", "next", "minutes", "end" };

        public static string Name(RoomOp op) => Ops[(int)op];

        public static string Needed(Value map, string name) => map[name].Kind == ValueKind.String ? map[name].AsString() : throw new WireException("a room's " + name + " is missing");

        public static string Text(Value map, string name, string otherwise)
        {
            if (!map.Has(name)) return otherwise;
            return map[name].Kind == ValueKind.String ? map[name].AsString() : throw new WireException("a room's " + name + " is not a string");
        }

        public static bool Flag(Value map, string name, bool otherwise)
        {
            if (!map.Has(name)) return otherwise;
            return map[name].Kind == ValueKind.Bool ? map[name].AsBool() : throw new WireException("a room's " + name + " is not true or false");
        }

        public static double Number(Value map, string name)
        {
            double found = map.Has(name) ? map[name].AsFloat(double.NaN) : 0;
            return found >= 0 ? found : throw new WireException("a room's " + name + " is not a number");
        }

        public static IReadOnlyList<T> List<T>(Value map, string name, int most, Func<Value, T> read)
        {
            if (!map.Has(name)) return Array.Empty<T>();
            if (map[name].Kind != ValueKind.List) throw new WireException("a room's " + name + " is not a list");
            T[] all = new T[Math.Min(most, map[name].Items.Count)];
            for (int index = 0; index < all.Length; index++)
            {
                if (map[name].Items[index].Kind != ValueKind.Map) throw new WireException("a room's " + name + " holds what is not a map");
                all[index] = read(map[name].Items[index]);
            }
            return all;
        }
    }
}
