// What games do to the package: settings made late, other writers of the face, slow token servers, sounds stopped by hand.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CompanionBridge;
using UnityEngine;

public static class Faults
{
    const int PatienceMs = 60000; // bounds a failure; nothing that passes waits for it

    /// What a game's Start() sets counts, although every part has asked for the conversation in OnEnable before.
    public static void Settings(Stage stage, Dictionary<string, Value> told)
    {
        Conversation before = stage.Client.Conversation;
        stage.Client.Url = "ws://elsewhere:8765";
        stage.Client.UserName = "Ada";
        stage.Client.Token = "abc";
        stage.Client.LeadMs = 500;
        stage.Client.Connect();
        stage.Until(1);
        told["same"] = Value.Of(before == stage.Client.Conversation);
        told["url"] = Value.Of(stage.Line.Url);
        told["hello"] = stage.Line.Hello;
        stage.Client.Url = "ws://third:8765";
        stage.Line.End(1006, "");
        stage.Until(3);
        told["next"] = Value.Of(stage.Line.Url);
    }

    /// An Animator writes its own weight before the face does, each frame, while the face holds still.
    public static void Animator(Stage stage, Dictionary<string, Value> told)
    {
        int jaw = stage.Head.sharedMesh.GetBlendShapeIndex("jawOpen");
        stage.Until(1);
        stage.Line.Say(1, 20);
        stage.Until(3);
        stage.Line.Stalled = true;
        stage.Until(5);
        double held = stage.Head.GetBlendShapeWeight(jaw);
        stage.Until(6, now => stage.Head.SetBlendShapeWeight(jaw, 37));
        told["held"] = Value.Of(held);
        told["shown"] = Value.Of((double)stage.Head.GetBlendShapeWeight(jaw));
    }

    /// A token that takes its time, and one that fails.
    public static void Token(Stage stage, Dictionary<string, Value> told)
    {
        using ManualResetEventSlim gate = new ManualResetEventSlim();
        int asked = 0;
        stage.Client.TokenSource = () =>
        {
            if (Interlocked.Increment(ref asked) == 1) throw new InvalidOperationException("the token server is away");
            gate.Wait(PatienceMs);
            return "fresh";
        };
        stage.Client.Connect();
        Wait(() => stage.Client.Conversation.Session.Status == SessionStatus.Waiting);
        told["fault"] = Value.Of(stage.Client.Conversation.Session.Fault.Code);
        stage.Until(4); // it is tried again, and the frames go on while the token is fetched
        Wait(() => Volatile.Read(ref asked) == 2);
        told["lines_before"] = Value.Of(stage.Lines.Count);
        gate.Set();
        Wait(() => stage.Lines.Count == 1);
        stage.Until(stage.Now + 1);
        told["token"] = stage.Line.Hello["token"];
        told["thrown"] = Value.Of(World.Logged.Count(line => line.Contains("token server is away")));
        World.Logged.RemoveAll(line => line.StartsWith("exception"));
    }

    /// Meshes that arrive while the companion speaks, and one whose outfit changes.
    public static void Late(Stage stage, Dictionary<string, Value> told)
    {
        stage.Until(1);
        stage.Line.Say(1, 30);
        stage.Until(3);
        told["before"] = Value.Of(stage.Face.Targets.Count);
        SkinnedMeshRenderer late = Faces.Mesh(stage, "Late", 1, "JawOpen");
        stage.Until(4);
        told["after"] = Value.Of(stage.Face.Targets.Count);
        told["late"] = Value.Of(Math.Abs(late.GetBlendShapeWeight(0) - stage.Head.GetBlendShapeWeight(stage.Head.sharedMesh.GetBlendShapeIndex("jawOpen")) / 100));
        late.sharedMesh = Faces.Mesh(stage, "Other", 1, "feather").sharedMesh;
        stage.Until(5);
        told["changed"] = Value.Of(stage.Face.Targets.Count);
    }

    /// The game stops every sound.
    public static void Stopped(Stage stage, Dictionary<string, Value> told)
    {
        stage.Until(1);
        stage.Line.Say(1, 20);
        stage.Until(3);
        stage.Client.GetComponent<AudioSource>().Stop();
        stage.Until(4);
        long before = stage.Line.Playhead;
        stage.Until(6);
        told["moved"] = Value.Of((stage.Line.Playhead - before) / 48000.0);
        AudioSource mine = stage.Client.GetComponent<AudioSource>();
        mine.Stop();
        stage.Until(7);
        told["warnings"] = Value.Of(World.Logged.Count(line => line.Contains("stopped the AudioSource")));
        // Another character, whose AudioSource plays music already.
        GameObject other = new GameObject("Singer");
        AudioSource music = other.AddComponent<AudioSource>();
        AudioClip song = music.clip = AudioClip.Create("Song", 10, 1, 48000, false);
        other.AddComponent<CompanionClient>().ConnectOnStart = false;
        other.AddComponent<CompanionVoice>();
        stage.Until(8);
        told["song"] = Value.Of(music.clip == song);
        told["sources"] = Value.Of(other.GetComponents<AudioSource>().Length);
    }

    /// The line dies in the middle of a turn, and nobody says so.
    public static void HalfOpen(Stage stage, Dictionary<string, Value> told)
    {
        stage.Until(1);
        stage.Line.Say(1, 30);
        stage.Until(4);
        double died = stage.Now;
        stage.Line.Dead = true;
        while (stage.Lines.Count == 1 && stage.Now < died + 20) stage.Until(stage.Now + 0.05);
        told["gave_up_after"] = Value.Of(stage.Now - died);
        stage.Until(stage.Now + 1);
        told["status"] = Value.Of(stage.Client.Conversation.Session.Status.ToString());
    }

    /// A client that is given to a part outside of the character.
    public static void Client(Stage stage, Dictionary<string, Value> told)
    {
        GameObject apart = new GameObject("Apart");
        apart.SetActive(false);
        CompanionFace face = apart.AddComponent<CompanionFace>();
        SkinnedMeshRenderer mesh = Faces.Mesh(stage, "Mirror", 100, "jawOpen");
        mesh.transform.SetParent(apart.transform);
        face.Client = stage.Client;
        apart.SetActive(true);
        stage.Until(1);
        GameObject later = new GameObject("Later");
        CompanionClient none = later.AddComponent<CompanionClient>();
        none.ConnectOnStart = false;
        CompanionFace second = later.AddComponent<CompanionFace>();
        Faces.Mesh(stage, "Second", 100, "jawOpen").transform.SetParent(later.transform);
        second.Client = stage.Client;
        stage.Line.Say(1, 20);
        stage.Until(4);
        told["apart"] = Value.Of(face.Targets.Count);
        told["later"] = Value.Of(second.Targets.Count);
    }

    static void Wait(Func<bool> done)
    {
        if (!SpinWait.SpinUntil(done, PatienceMs)) throw new TimeoutException();
    }
}
