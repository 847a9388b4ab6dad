#nullable enable
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>Whether the companion is to say something about what happened.</summary>
    public enum Respond { Silent, Auto, Must }

    /// <summary>What came of a tool.</summary>
    public enum ToolStatus { Ok, Failed, Cancelled }

    /// <summary>Writes the client's messages; fields at their defaults are left out.</summary>
    public static class ClientMessages
    {
        public static void Hello(MessagePackWriter writer, Hello hello, string session = "", string secret = "", long seq = 0) =>
            hello.Write(writer, session, secret, seq);

        /// <summary>10 to 60 ms of s16le mono at 16 kHz, from sample <paramref name="pts"/> since the microphone opened.</summary>
        public static void Mic(MessagePackWriter writer, long pts, byte[] data, int offset, int count)
        {
            int map = Begin(writer, "mic");
            writer.Field(map, "pts").Int(pts);
            writer.Field(map, "data").Bytes(data, offset, count);
        }

        public static void Talk(MessagePackWriter writer, bool on, long pts)
        {
            int map = Begin(writer, "talk");
            writer.Field(map, "on").Bool(on);
            if (pts != 0) writer.Field(map, "pts").Int(pts);
        }

        /// <param name="companion">Whom it is for; empty: whoever it addresses.</param>
        /// <param name="alone">In a room: for the companion alone, which answers alone.</param>
        public static void Text(MessagePackWriter writer, string text, string companion = "", bool alone = false)
        {
            int map = Begin(writer, "text");
            writer.Field(map, "text").String(text);
            if (alone) writer.Field(map, "private").Bool(true);
            if (companion.Length > 0) writer.Field(map, "companion").String(companion);
        }

        public static void Playhead(MessagePackWriter writer, long turn, long pts, long seq)
        {
            int map = Begin(writer, "playhead");
            writer.Field(map, "turn").Int(turn);
            writer.Field(map, "pts").Int(pts);
            writer.Field(map, "seq").Int(seq);
        }

        /// <summary>Cut a reply (0: whichever runs), heard up to <paramref name="pts"/> (below 0: not known).</summary>
        public static void Interrupt(MessagePackWriter writer, long turn, long pts)
        {
            int map = Begin(writer, "interrupt");
            if (turn != 0) writer.Field(map, "turn").Int(turn);
            if (pts >= 0) writer.Field(map, "pts").Int(pts);
        }

        public static void Context(MessagePackWriter writer, IReadOnlyCollection<KeyValuePair<string, string>> states, IReadOnlyCollection<string> events, Respond respond)
        {
            int map = Begin(writer, "context");
            if (states.Count > 0)
            {
                writer.Field(map, "states").Map(states.Count);
                foreach (KeyValuePair<string, string> state in states)
                {
                    writer.String(state.Key);
                    writer.String(state.Value);
                }
            }
            if (events.Count > 0)
            {
                writer.Field(map, "events").Array(events.Count);
                foreach (string each in events) writer.String(each);
            }
            if (respond != Respond.Silent) writer.Field(map, "respond").String(respond == Respond.Auto ? "auto" : "must");
        }

        public static void Tools(MessagePackWriter writer, IReadOnlyCollection<ToolSpec> tools)
        {
            int map = Begin(writer, "tools");
            writer.Field(map, "tools").Array(tools.Count);
            foreach (ToolSpec tool in tools)
            {
                int item = writer.Begin();
                writer.Field(item, "name").String(tool.Name);
                if (tool.Description.Length > 0) writer.Field(item, "description").String(tool.Description);
                if (tool.Parameters.Fields.Count > 0) tool.Parameters.Write(writer.Field(item, "parameters"), 16);
            }
        }

        public static void ToolResult(MessagePackWriter writer, long call, ToolStatus status, string value)
        {
            int map = Begin(writer, "tool_result");
            writer.Field(map, "call").Int(call);
            if (status != ToolStatus.Ok) writer.Field(map, "status").String(status == ToolStatus.Failed ? "failed" : "cancelled");
            if (value.Length > 0) writer.Field(map, "value").String(value);
        }

        /// <summary>The faces that are seen now, at most four, 30 times a second; none: nobody is there.</summary>
        public static void Seen(MessagePackWriter writer, IReadOnlyList<SeenFace> faces)
        {
            int map = Begin(writer, "seen");
            writer.Field(map, "faces").Array(faces.Count);
            for (int index = 0; index < faces.Count; index++) faces[index].Write(writer);
        }

        /// <summary>A picture of the user, "jpeg", "png" or "webp"; <paramref name="call"/> is the tool call that asked for it, 0: none.</summary>
        public static void Camera(MessagePackWriter writer, byte[] file, string format = "jpeg", long call = 0)
        {
            int map = Begin(writer, "camera");
            writer.Field(map, "data").Bytes(file, 0, file.Length);
            if (format != "jpeg") writer.Field(map, "format").String(format);
            if (call != 0) writer.Field(map, "call").Int(call);
        }

        /// <summary>Asks about what is remembered of the user; <paramref name="facts"/> are to be forgotten, <paramref name="blob"/> is taken back.</summary>
        public static void Memory(MessagePackWriter writer, MemoryOp op, IReadOnlyList<long> facts, byte[] blob)
        {
            int map = Begin(writer, "memory");
            writer.Field(map, "op").String(MemoryOps.Name(op));
            if (facts.Count > 0)
            {
                writer.Field(map, "facts").Array(facts.Count);
                for (int index = 0; index < facts.Count; index++) writer.Int(facts[index]);
            }
            if (blob.Length > 0) writer.Field(map, "blob").Bytes(blob, 0, blob.Length);
        }

        /// <summary>Does something in a room beside speaking; <paramref name="to"/> gets the word.</summary>
        public static void Room(MessagePackWriter writer, RoomOp op, string to)
        {
            int map = Begin(writer, "room");
            writer.Field(map, "op").String(RoomFields.Name(op));
            if (to.Length > 0) writer.Field(map, "to").String(to);
        }

        public static void Ping(MessagePackWriter writer, double stamp)
        {
            int map = Begin(writer, "ping");
            writer.Field(map, "stamp").Float(stamp);
        }

        public static void Bye(MessagePackWriter writer) => Begin(writer, "bye");

        static int Begin(MessagePackWriter writer, string type)
        {
            int map = writer.Begin();
            writer.Field(map, "type").String(type);
            return map;
        }
    }

    /// <summary>A tool as the companion is told of it; parameters are a JSON Schema.</summary>
    public sealed class ToolSpec
    {
        public ToolSpec(string name, string description, Value parameters)
        {
            Name = name;
            Description = description;
            Parameters = parameters;
        }

        public string Name { get; }
        public string Description { get; }
        public Value Parameters { get; }
    }
}
