#nullable enable
using System;

namespace CompanionBridge
{
    /// <summary>Who is to be in a room that is opened: an Id and a voice of Welcome.Identities, empty as the server has them.</summary>
    public sealed class CastMember
    {
        /// <summary>What messages about it call it; of all but the first, empty: its Id.</summary>
        public string Companion = "main";
        public string Identity = "", Voice = "";

        /// <summary>Whether it stands anywhere, and where in the scene, in metres.</summary>
        public bool HasPlace;
        public double Right, Up, Forward;
    }

    /// <summary>Something that a meeting is to be about; Minutes 0: as long as it takes.</summary>
    public sealed class RoomTopic
    {
        public string Title = "";
        public double Minutes;
    }

    /// <summary>What whoever opens a room says of it; of those who enter later only its name and key are heeded.</summary>
    internal static class RoomOpening
    {
        const int MostCast = 8, MostTopics = 32; // that a room may have; the rest is not sent
        const int MostTitle = 200;

        public static void Write(MessagePackWriter writer, int map, string kind, CastMember[] cast, RoomTopic[] agenda)
        {
            if (kind.Length > 0 && kind != "talk") writer.Field(map, "kind").String(kind);
            int named = Math.Min(cast.Length, MostCast), listed = Math.Min(agenda.Length, MostTopics);
            if (named > 0) writer.Field(map, "cast").Array(named);
            for (int at = 0; at < named; at++)
            {
                CastMember each = cast[at];
                int made = writer.Begin();
                if (each.Identity.Length > 0) writer.Field(made, "identity").String(each.Identity);
                if (each.Companion.Length > 0 && each.Companion != "main") writer.Field(made, "companion").String(each.Companion);
                if (each.Voice.Length > 0) writer.Field(made, "voice").String(each.Voice);
                if (!each.HasPlace) continue;
                writer.Field(made, "place").Array(3);
                writer.Float(each.Right);
                writer.Float(each.Up);
                writer.Float(each.Forward);
            }
            if (listed > 0) writer.Field(map, "agenda").Array(listed);
            for (int at = 0; at < listed; at++)
            {
                int made = writer.Begin();
                string title = agenda[at].Title;
                writer.Field(made, "title").String(title.Length <= MostTitle ? title : title.Substring(0, MostTitle));
                if (agenda[at].Minutes > 0) writer.Field(made, "minutes").Float(Math.Min(600, agenda[at].Minutes));
            }
        }
    }
}
