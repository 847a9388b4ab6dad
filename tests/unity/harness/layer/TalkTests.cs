// Whole replies through the demo character, the VRM component and UniTask, from a scripted server, on a simulated clock.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using CompanionBridge.Demo;
using NUnit.Framework;
using UniVRM10;
using UnityEngine;
using UnityEngine.Networking;

public sealed class TalkTests
{
    const double FrameSeconds = 1 / 72.0;
    const int Block = 512;

    double _now;
    Studio _line;

    [SetUp]
    public void Clear()
    {
        World.Clear();
        _now = 0;
        CompanionClock.Source = () => _now;
        World.ChangeDevice(48000, Block, 2);
    }

    void Connect(CompanionClient client) => client.Transport = () => _line = new Studio(FaceNames.Arkit.Concat(FaceNames.Head).ToArray());

    // Frames and blocks of sound, each when it is due.
    void Run(double seconds)
    {
        float[] sound = new float[2 * Block];
        double end = _now + seconds, heard = _now;
        while (_now < end)
        {
            _now += FrameSeconds;
            _line?.Step(_now);
            for (; heard < _now; heard += Block / 48000.0) World.Sound(sound, 2);
            World.Frame();
        }
    }

    static void Quiet() => Assert.AreEqual(new string[0], World.Logged.Where(line => line.StartsWith("exception") || line.StartsWith("error")).ToArray());

    DemoCast Demo()
    {
        // The camera that it looks at.
        DemoStage.Camera();
        return DemoStage.Companion("Nora", new Vector3(0, 0, 0.85f), 180, "ws://studio", null, Connect);
    }

    [Test]
    public void TheDemoHeadSpeaksAndComesToRest()
    {
        DemoCast cast = Demo();
        Run(0.2);
        Assert.IsTrue(cast.Client.IsConnected, "connected");
        SkinnedMeshRenderer head = cast.Head.GetComponent<SkinnedMeshRenderer>();
        int jaw = head.sharedMesh.GetBlendShapeIndex("jawOpen"), viseme = head.sharedMesh.GetBlendShapeIndex("viseme_aa");
        _line.Say(1, 1.5);
        float most = 0;
        bool words = false;
        for (int step = 0; step < 20; step++)
        {
            Run(0.1);
            most = Math.Max(most, head.GetBlendShapeWeight(jaw));
            words |= cast.Subtitles.CompanionText!.text.Length > 0;
        }
        Assert.Greater(most, 10, "the jaw moves, of 100");
        Assert.IsTrue(words, "words are shown");
        Assert.AreEqual(0, head.GetBlendShapeWeight(viseme), 1e-6, "visemes rest where ARKit's shapes are driven");
        Run(3);
        Assert.Less(head.GetBlendShapeWeight(jaw), 0.5, "at rest");
        Quiet();
    }

    [Test]
    public void WhatIsRememberedIsShownForgottenAndKeptInASave()
    {
        GameObject character = new GameObject("Ann");
        character.SetActive(false);
        Connect(character.AddComponent<CompanionClient>());
        CompanionMemory memory = character.AddComponent<CompanionMemory>();
        memory.Consent = MemoryConsent.Agreed;
        List<string> told = new List<string>();
        memory.OnTold.AddListener(told.Add);
        int on = 0;
        memory.OnOn.AddListener(() => on++);
        byte[] saved = null;
        memory.Exported += blob => saved = blob;
        character.SetActive(true);
        memory.Tell();
        Assert.AreEqual(1, World.Logged.Count(line => line.Contains("no connection yet")), "asked too early");
        Run(0.2);
        Assert.AreEqual("on", _line.Hello["memory"].AsString(), "consent is told");
        Assert.IsTrue(memory.IsAvailable);
        memory.Tell();
        Assert.AreEqual("tell", _line.Asked["op"].AsString());
        _line.Says("{\"type\":\"memory\",\"op\":\"tell\",\"on\":true,\"facts\":[{\"id\":3,\"kind\":\"name\",\"text\":\"Your name is Ada.\"},{\"id\":4,\"kind\":\"pet\",\"text\":\"You have a dog.\"}]}");
        Run(0.1);
        Assert.AreEqual(new[] { "Your name is Ada.\nYou have a dog." }, told.ToArray());
        Assert.AreEqual(1, on);
        memory.Forget(memory.Facts[1]);
        Assert.AreEqual(4, _line.Asked["facts"].Items[0].AsInt());
        _line.Says("{\"type\":\"memory\",\"op\":\"forget\",\"on\":true,\"count\":1}");
        Run(0.1);
        Assert.AreEqual("tell", _line.Asked["op"].AsString(), "asked anew");
        memory.Refuse();
        Assert.AreEqual("refuse", _line.Asked["op"].AsString());
        Assert.AreEqual(MemoryConsent.Refused, memory.Consent);
        _line.Says(Value.Of(new Dictionary<string, Value> { { "type", Value.Of("memory") }, { "op", Value.Of("export") }, { "on", Value.Of(false) }, { "blob", Value.Of(new byte[] { 1, 2 }) } }));
        Run(0.1);
        Assert.IsFalse(memory.IsOn);
        memory.Import(saved);
        Assert.AreEqual(2, _line.Asked["blob"].AsBytes().Length);
        Quiet();
    }

    [Test]
    public void AVrmModelSpeaksByItsExpressions()
    {
        GameObject character = new GameObject("Vrm");
        character.SetActive(false);
        CompanionClient client = character.AddComponent<CompanionClient>();
        Connect(client);
        Vrm10RuntimeExpression expression = character.AddComponent<Vrm10Instance>().Runtime.Expression;
        ExpressionKey jaw = ExpressionKey.CreateCustom("JawOpen"), other = ExpressionKey.CreateCustom("Sparkle");
        ((List<ExpressionKey>)expression.ExpressionKeys).AddRange(FaceNames.Arkit.Select(name => ExpressionKey.CreateCustom(char.ToUpper(name[0]) + name.Substring(1))).Append(other));
        CompanionVrm vrm = character.AddComponent<CompanionVrm>();
        character.AddComponent<AudioSource>();
        character.AddComponent<CompanionVoice>();
        character.SetActive(true);
        Run(0.2);
        _line.Say(1, 1.5);
        float most = 0;
        for (int step = 0; step < 15; step++)
        {
            Run(0.1);
            most = Math.Max(most, expression.GetWeight(jaw));
        }
        Assert.AreEqual(52, vrm.Matched);
        Assert.Greater(most, 0.1, "the expression moves, of 1");
        Assert.AreEqual(0, expression.GetWeight(other), "what is not a channel is left alone");
        Quiet();
    }

    [Test]
    public void WhoItIsAndThatItIsAnAiIsShownForAsLongAsItIsThere()
    {
        DemoCast cast = Demo();
        CompanionIdentity shown = cast.Client.GetComponent<CompanionIdentity>();
        string told = "", name = "";
        Texture2D face = null;
        shown.OnDisclosure.AddListener(line => told = line);
        shown.OnName.AddListener(line => name = line);
        shown.OnPortrait.AddListener(picture => face = picture);
        cast.Client.Token = "a token";
        Run(0.2);
        Assert.AreEqual("Mira ist eine KI, kein Mensch.", told);
        Assert.AreEqual("Mira", name);
        Assert.IsFalse(shown.ShownElsewhere, "a listener of code is no promise that it is seen: it is drawn as well");
        UnityWebRequest request = UnityWebRequest.Last;
        Assert.AreEqual("http://studio/pictures/a.png", request.url);
        Assert.AreEqual("Authorization: Bearer a token", request.Header);
        request.result = UnityWebRequest.Result.Success;
        request.Operation.Complete();
        Assert.IsTrue(face != null && shown.Portrait == face, "the portrait has come");
        Assert.AreEqual("https://game.example:444/pictures/a.png", CompanionIdentity.Address("wss://game.example:444/path?x=1", "/pictures/a.png"));
        Quiet();
    }

    [Test]
    public void AProjectThatAllowsNoPlainHttpIsToldSoAndTalksAllTheSame()
    {
        UnityWebRequest.PlainAllowed = false;
        try
        {
            DemoCast cast = Demo();
            Run(0.2);
            Assert.IsTrue(cast.Client.IsConnected, "connected");
            Assert.AreEqual("Mira", cast.Client.GetComponent<CompanionIdentity>().Identity.Name);
            Assert.AreEqual(1, World.Logged.Count(line => line.Contains("Allow downloads over HTTP")));
            Assert.IsTrue(UnityWebRequest.Last.Gone, "the request is let go");
            Quiet();
        }
        finally
        {
            UnityWebRequest.PlainAllowed = true;
        }
    }

    [Test]
    public void AskAsyncGivesTheWordsThatWereHeard()
    {
        DemoCast cast = Demo();
        var connected = cast.Client.ConnectAsync().GetAwaiter();
        Run(0.2);
        Assert.IsTrue(connected.IsCompleted, "connected");
        Assert.AreEqual("Mira", connected.GetResult().Name);
        var answer = cast.Client.AskAsync("What is a comet?").GetAwaiter();
        Assert.AreEqual(1, _line.Got["text"]);
        _line.Say(1, 1.5);
        Run(0.8);
        Assert.IsFalse(answer.IsCompleted, "not before it was heard");
        Run(2);
        Assert.IsTrue(answer.IsCompleted, "heard");
        Assert.IsTrue(answer.GetResult().StartsWith("comets are"), answer.GetResult());
        Quiet();
    }

    [Test]
    public void AskAsyncEndsWithTheConversation()
    {
        DemoCast cast = Demo();
        Run(0.2);
        var answer = cast.Client.AskAsync("What is a comet?").GetAwaiter();
        _line.End(4032, "session_taken");
        Run(0.2);
        Assert.IsTrue(answer.IsCompleted);
        Assert.AreEqual("session_taken", Assert.Throws<CompanionException>(() => answer.GetResult()).Code);
    }
}
