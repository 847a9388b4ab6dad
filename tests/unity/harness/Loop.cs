// The package's components in a simulated game: `Loop.exe SCENE`. Prints what came of it as one line of JSON.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using CompanionBridge;
using UnityEngine;

public static class Loop
{
    public static int Main(string[] args)
    {
        Dictionary<string, Value> told = new Dictionary<string, Value>();
        Stage stage = new Stage(args.Contains("--subtitles"), client =>
        {
            Set(client, args.Where(each => each.Contains("=")));
            if (args[0] == "room") Rooms.Put(client);
        });
        if (args.Contains("--events")) Listen(stage);
        double minutes = args.Length > 1 && double.TryParse(args[1], out double given) ? given : 1;
        switch (args[0])
        {
            case "steady": Talk(stage, minutes); break;
            case "quest": stage.Hz = 90; stage.Jitter = 0.002; stage.Card(48000, 256, 4); Talk(stage, minutes); break;
            case "bursts": stage.Burst = 4; stage.Card(48000, 512, 4); Talk(stage, minutes); break;
            case "slow": stage.Ppm = -80; stage.Jitter = 0.006; Talk(stage, minutes); break;
            case "device": Device(stage, told); break;
            case "underrun": Underrun(stage, told); break;
            case "pause": Pause(stage, told); break;
            case "stall": Stall(stage, told); break;
            case "interrupt": Interrupt(stage, told); break;
            case "mend": Mend(stage, told); break;
            case "reload": Reload(stage, told); break;
            case "faces": Faces.Run(stage, told); break;
            case "hello": stage.Until(1); told["hello"] = stage.Line.Hello; break;
            case "ears": Ears.Run(stage, told); break;
            case "late": Faults.Late(stage, told); break;
            case "settings": Faults.Settings(stage, told); break;
            case "animator": Faults.Animator(stage, told); break;
            case "token": Faults.Token(stage, told); break;
            case "stopped": Faults.Stopped(stage, told); break;
            case "halfopen": Faults.HalfOpen(stage, told); break;
            case "client": Faults.Client(stage, told); break;
            case "dying": Microphones.Dying(stage, told); break;
            case "refused": Microphones.Refused(stage, told); break;
            case "named": Microphones.Named(stage, told); break;
            case "hole": Microphones.Hole(stage, told); break;
            case "echo": Microphones.Echo(stage, told); break;
            case "room": Rooms.Run(stage, told); break;
            case "gaze": Bodies.Gaze(stage, told); break;
            case "animated": Bodies.Animated(stage, told); break;
            case "jaw": Bodies.Jaw(stage, told); break;
            case "filters": Bodies.Filters(stage, told); break;
            case "replay": Bodies.Replay(stage, told); break;
            default: Console.Error.WriteLine("no scene " + args[0]); return 2;
        }
        List<double> sizes = stage.Errors.Select(Math.Abs).OrderBy(each => each).ToList();
        if (sizes.Count > 0)
        {
            told["count"] = Value.Of(sizes.Count);
            foreach (int percent in new[] { 50, 95, 99, 100 }) told["p" + percent] = Value.Of(Math.Round(sizes[Math.Min(sizes.Count - 1, sizes.Count * percent / 100)], 4));
            told["mean"] = Value.Of(Math.Round(stage.Errors.Average(), 4));
        }
        told["skipped"] = Value.Of(stage.Silent);
        told["frame_bytes"] = Value.Of(stage.FrameBytes);
        told["line_bytes"] = Value.Of(stage.LineBytes);
        told["sound_bytes"] = Value.Of(stage.SoundBytes);
        told["frames"] = Value.Of(stage.FrameCount);
        told["underruns"] = Value.Of(stage.Voice.Underruns);
        told["exceptions"] = Value.Of(World.Logged.Where(line => line.StartsWith("exception")).Select(Value.Of).ToList());
        told["log"] = Value.Of(World.Logged.Select(Value.Of).ToList());
        Console.WriteLine(Value.Of(told));
        return 0;
    }

    // A game that listens to everything, and counts.
    static void Listen(Stage stage)
    {
        CompanionEvents events = stage.Client.GetComponent<CompanionEvents>();
        long heard = 0;
        events.OnWord.AddListener(word => heard += word.Length);
        events.OnEmotion.AddListener(word => heard += word.Length);
        events.OnGesture.AddListener(word => heard += word.Length);
        events.OnReplyBegan.AddListener(() => heard++);
        events.OnReplyEnded.AddListener(() => heard++);
        stage.Client.Conversation.HeardNow += each => heard += each.Text.Length;
        stage.Client.Conversation.StateChanged += state => heard++;
    }

    // Fields of the inspector, NAME=VALUE each.
    static void Set(CompanionClient client, IEnumerable<string> fields)
    {
        foreach (string[] pair in fields.Select(each => each.Split('=')))
        {
            FieldInfo field = typeof(CompanionClient).GetField(pair[0], BindingFlags.Instance | BindingFlags.NonPublic);
            bool chosen = field.FieldType.IsEnum;
            field.SetValue(client, chosen ? Enum.Parse(field.FieldType, pair[1]) : Convert.ChangeType(pair[1], field.FieldType));
        }
    }

    static void Talk(Stage stage, double minutes)
    {
        stage.Until(1);
        stage.Line.Say(1, 60 * minutes + 30);
        stage.Until(11);
        stage.Measuring = true;
        stage.Until(11 + 60 * minutes);
    }

    static void Settle(Stage stage, double seconds = 30)
    {
        stage.Until(1);
        stage.Line.Say(1, seconds);
        stage.Until(4);
    }

    static void Device(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        stage.Measuring = true;
        stage.Until(7);
        stage.Measuring = false;
        stage.Card(44100, 441, 2);
        stage.Until(8);
        stage.Measuring = true;
        stage.Until(15);
        stage.Measuring = false;
        AudioListener.pause = true;
        stage.Until(15.5);
        AudioListener.pause = false;
        stage.Until(16);
        told["heard"] = Value.Of(stage.Line.Playhead / 48000.0);
        told["filters"] = Value.Of(stage.Client.GetComponentsInChildren<CompanionVoiceFilter>().Length);
    }

    static void Underrun(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        stage.Line.Stalled = true;
        stage.Until(6);
        long held = stage.Line.Playhead;
        told["held"] = Value.Of(held);
        stage.Until(6.5);
        told["moved"] = Value.Of(stage.Line.Playhead - held);
        stage.Line.Stalled = false;
        stage.Until(7.5);
        stage.Measuring = true;
        stage.Until(15);
    }

    static void Pause(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        World.Send("OnApplicationPause", true);
        told["interrupts"] = Value.Of(stage.Line.Got.TryGetValue("interrupt", out int count) ? count : 0);
        stage.CardStopped = stage.DisplayStopped = true;
        stage.Until(64);
        stage.StartCard();
        stage.DisplayStopped = false;
        World.Send("OnApplicationPause", false);
        stage.Until(65);
        told["lines"] = Value.Of(stage.Lines.Count);
        stage.Line.Say(2, 20);
        stage.Until(67);
        stage.Measuring = true;
        stage.Until(75);
    }

    // The display stands still for two seconds, as while a scene loads: the voice goes on.
    static void Stall(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        stage.DisplayStopped = true;
        stage.Until(6, now => stage.Client.Conversation.Pump(now));
        stage.DisplayStopped = false;
        told["underruns_then"] = Value.Of(stage.Voice.Underruns);
        stage.Until(6.2);
        stage.Measuring = true;
        stage.Until(12);
    }

    static void Interrupt(Stage stage, Dictionary<string, Value> told)
    {
        List<string> heard = new List<string>();
        stage.Client.Conversation.HeardNow += each => heard.Add(each.Kind + (each.Cut ? " cut" : ""));
        Settle(stage);
        stage.Line.Interrupt();
        stage.Until(4.25);
        float mouth = 0;
        for (int shape = 0; shape < 52; shape++) mouth = Math.Max(mouth, stage.Head.GetBlendShapeWeight(shape));
        told["mouth"] = Value.Of((double)mouth);
        told["level"] = Value.Of((double)stage.Voice.Level);
        told["end"] = Value.Of(heard.Last());
        stage.Line.Say(2, 20);
        stage.Until(6);
        stage.Measuring = true;
        stage.Until(8);
        stage.Measuring = false;
        stage.Client.StopTalking();
        stage.Until(8.2);
        told["stopped_level"] = Value.Of((double)stage.Voice.Level);
        told["interrupts"] = Value.Of(stage.Line.Got["interrupt"]);
        told["last"] = Value.Of(heard.Last());
    }

    static void Mend(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        World.Reachability = NetworkReachability.NotReachable;
        stage.Line.End(1006);
        stage.Until(4.02);
        World.Reachability = NetworkReachability.ReachableViaLocalAreaNetwork;
        stage.Until(4.5);
        told["lines"] = Value.Of(stage.Lines.Count);
        told["status"] = Value.Of(stage.Client.Conversation.Session.Status.ToString());
        stage.Until(5);
    }

    static void Reload(Stage stage, Dictionary<string, Value> told)
    {
        Settle(stage);
        Studio old = stage.Line;
        stage.Client.enabled = false;
        told["closed"] = Value.Of(old.Gone);
        stage.Client.enabled = true;
        stage.Until(5);
        told["lines"] = Value.Of(stage.Lines.Count);
        stage.Line.Say(1, 20);
        stage.Until(7);
        stage.Measuring = true;
        stage.Until(10);
        World.Send("OnApplicationQuit");
        told["quit"] = Value.Of(stage.Line.Gone);
    }
}
