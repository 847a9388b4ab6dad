// Reads and writes the golden vectors: `Vectors.exe FOLDER`. One line for each: `ok NAME` or `FAIL NAME: why`.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CompanionBridge;

public static class Vectors
{
    // Of features that this client does not ask for, and whom of a room a message is about: it skips them.
    static readonly string[] NotAsked = { "phones", "timings", "companion" };

    static int _failed;

    public static int Main(string[] args)
    {
        HashSet<string> client = new HashSet<string>();
        foreach (KeyValuePair<string, Action<MessagePackWriter>> each in Client())
        {
            client.Add(each.Key);
            MessagePackWriter writer = new MessagePackWriter();
            each.Value(writer);
            byte[] wanted = File.ReadAllBytes(Path.Combine(args[0], each.Key + ".msgpack"));
            Tell("written " + each.Key, wanted.SequenceEqual(writer.ToArray()) ? "" : "is " + BitConverter.ToString(writer.ToArray()));
        }
        foreach (string path in Directory.GetFiles(args[0], "*.msgpack").OrderBy(name => name, StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            byte[] bytes = File.ReadAllBytes(path);
            Value read = Read(bytes);
            MessagePackWriter writer = new MessagePackWriter();
            read.Write(writer);
            Tell("copied " + name, writer.ToArray().SequenceEqual(bytes) ? "" : "differs when written again");
            Value json = Json.Parse(File.ReadAllText(Path.ChangeExtension(path, ".json")));
            Tell("json " + name, Json.Parse(read.ToString()).Same(json) ? "" : read + " is not " + json);
            if (client.Contains(name)) continue;
            Tell("read " + name, Compare(bytes, read));
            Dictionary<string, Value> more = read.Fields.ToDictionary(field => field.Key, field => field.Value);
            more["x_new"] = Json.Parse("{\"a\": [1, null]}");
            MessagePackWriter grown = new MessagePackWriter();
            Value.Of(more).Write(grown);
            Tell("skipped " + name, Compare(grown.ToArray(), read));
        }
        MessagePackWriter unknown = new MessagePackWriter();
        Json.Parse("{\"type\":\"x_new\",\"turn\":\"no number\"}").Write(unknown);
        bool known = new ServerReader().Read(unknown.Buffer, 0, unknown.Count, new Told());
        Tell("unknown type", known ? "was taken" : "");
        return _failed == 0 ? 0 : 1;
    }

    static void Tell(string name, string why)
    {
        if (why.Length > 0) _failed++;
        Console.WriteLine(why.Length == 0 ? "ok " + name : "FAIL " + name + ": " + why);
    }

    static Value Read(byte[] bytes)
    {
        MessagePackReader reader = new MessagePackReader();
        reader.Reset(bytes, 0, bytes.Length);
        return Value.Read(reader);
    }

    static string Compare(byte[] bytes, Value wanted)
    {
        Told told = new Told();
        bool known = new ServerReader().Read(bytes, 0, bytes.Length, told);
        if (!known) return "its type is unknown";
        foreach (KeyValuePair<string, Value> field in wanted.Fields.Where(each => !NotAsked.Contains(each.Key)))
            if (!told.Fields.ContainsKey(field.Key) || !Json.Parse(told.Fields[field.Key].ToString()).Same(Json.Parse(field.Value.ToString())))
                return field.Key + " is " + (told.Fields.ContainsKey(field.Key) ? told.Fields[field.Key].ToString() : "missing");
        foreach (KeyValuePair<string, Value> field in told.Fields)
            if (!wanted.Has(field.Key) && !Told.Defaults[field.Key].Same(field.Value))
                return field.Key + " is " + field.Value + " where its default is due";
        return "";
    }

    static IEnumerable<KeyValuePair<string, Action<MessagePackWriter>>> Client()
    {
        byte[] tone = { 0, 0, 255, 127, 1, 128, 0, 0 };
        Hello full = new Hello
        {
            Client = "unity/0.1.0", Token = "eyJ.e30.sig", Codecs = new[] { "pcm_s16le", "opus" }, EchoCancelled = true, LeadMs = 500,
            FaceProfile = "oculus15", FaceFps = 30, Language = "en-US", User = "Åsa", Greet = true, Features = new[] { "idle_face" },
        };
        Hello viewer = new Hello { Viewer = true, WatchSession = "s-1", WatchToken = "secret" };
        Dictionary<string, string> states = new Dictionary<string, string> { { "time of day", "dusk" }, { "weapon", "" } };
        Value schema = Json.Parse("{\"type\":\"object\",\"properties\":{\"door\":{\"type\":\"string\",\"enum\":[\"north\",\"south\"]}},\"required\":[\"door\"]}");
        ToolSpec[] tools = { new ToolSpec("open_door", "Opens a door of the room.", schema) };
        yield return Each("hello", w => ClientMessages.Hello(w, new Hello()));
        yield return Each("hello_full", w => ClientMessages.Hello(w, full));
        yield return Each("hello_resume", w => ClientMessages.Hello(w, new Hello(), "s-1", "secret", 417));
        yield return Each("hello_identity", w => ClientMessages.Hello(w, new Hello { Identity = "keeper", Voice = "amy", Language = "de" }));
        yield return Each("hello_model", w => ClientMessages.Hello(w, new Hello { Model = "qwen3:8b" }));
        yield return Each("hello_seen", w => ClientMessages.Hello(w, new Hello { SeenNames = new[] { "jawOpen", "mouthSmileLeft", "mouthSmileRight" } }));
        yield return Each("hello_memory", w => ClientMessages.Hello(w, new Hello { Memory = "on", Language = "de" }));
        Hello room = new Hello
        {
            User = "Åsa", Room = "kitchen", RoomKey = "secret", RoomKind = "meeting",
            RoomCast = new[] { new CastMember { Identity = "mira", HasPlace = true, Right = -1.5, Forward = 2 }, new CastMember { Identity = "keeper", Companion = "keeper", Voice = "amy" } },
            RoomAgenda = new[] { new RoomTopic { Title = "Lenses", Minutes = 7.5 }, new RoomTopic { Title = "灯塔" } },
        };
        yield return Each("hello_room", w => ClientMessages.Hello(w, room));
        yield return Each("text_private", w => ClientMessages.Text(w, "What is a lens?", "keeper", true));
        yield return Each("hello_viewer", w => ClientMessages.Hello(w, viewer));
        yield return Each("mic", w => ClientMessages.Mic(w, 320, tone, 0, tone.Length));
        yield return Each("talk_on", w => ClientMessages.Talk(w, true, 16000));
        yield return Each("talk_off", w => ClientMessages.Talk(w, false, 48000));
        yield return Each("text_user", w => ClientMessages.Text(w, "What is a comet? ☄"));
        yield return Each("playhead", w => ClientMessages.Playhead(w, 3, 96000, 417));
        yield return Each("playhead_far", w => ClientMessages.Playhead(w, 3, MessagePackReader.SafeInt, MessagePackReader.SafeInt));
        yield return Each("interrupt", w => ClientMessages.Interrupt(w, 3, 96000));
        yield return Each("interrupt_any", w => ClientMessages.Interrupt(w, 0, -1));
        yield return Each("context", w => ClientMessages.Context(w, states, new[] { "The door creaks open." }, Respond.Auto));
        yield return Each("tools", w => ClientMessages.Tools(w, tools));
        yield return Each("tools_none", w => ClientMessages.Tools(w, new ToolSpec[0]));
        yield return Each("tool_result", w => ClientMessages.ToolResult(w, 7, ToolStatus.Ok, "The north door is open."));
        yield return Each("tool_result_failed", w => ClientMessages.ToolResult(w, 8, ToolStatus.Failed, "It is locked."));
        SeenFace face = new SeenFace { Weights = new byte[] { 0, 128, 255 }, Yaw = -12.5, Pitch = 4, Roll = 0.5, GazeX = 0.25, GazeY = -0.125, PlaceX = -0.5, PlaceY = 0.25, Size = 0.375 };
        yield return Each("seen", w => ClientMessages.Seen(w, new[] { face, new SeenFace { Id = 2, Present = false } }));
        yield return Each("seen_nobody", w => ClientMessages.Seen(w, new SeenFace[0]));
        yield return Each("camera", w => ClientMessages.Camera(w, new byte[] { 0xff, 0xd8, 0xff, 0xd9 }));
        yield return Each("camera_look", w => ClientMessages.Camera(w, Encoding.ASCII.GetBytes("RIFF\x04\0\0\0WEBP"), "webp", 7));
        byte[] blob = { 0x63, 0x62, 0x6d, 0x31, 0, 255 };
        yield return Each("memory_ask", w => ClientMessages.Memory(w, MemoryOp.Tell, new long[0], new byte[0]));
        yield return Each("memory_forget", w => ClientMessages.Memory(w, MemoryOp.Forget, new long[] { 3, 41 }, new byte[0]));
        yield return Each("memory_import", w => ClientMessages.Memory(w, MemoryOp.Import, new long[0], blob));
        yield return Each("room_hand", w => ClientMessages.Room(w, RoomOp.Hand, ""));
        yield return Each("room_give", w => ClientMessages.Room(w, RoomOp.Give, "Åsa"));
        yield return Each("ping", w => ClientMessages.Ping(w, 123456.5));
        yield return Each("bye", w => ClientMessages.Bye(w));
    }

    static KeyValuePair<string, Action<MessagePackWriter>> Each(string name, Action<MessagePackWriter> write)
    {
        return new KeyValuePair<string, Action<MessagePackWriter>>(name, write);
    }
}
