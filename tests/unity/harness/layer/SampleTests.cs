// The samples that stand on other packages, executed on stubs of those.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using CompanionBridge.Samples;
using GLTFast;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Networking;
using UnityEngine.Playables;
using UnityEngine.Timeline;
using UnityEngine.XR;
using UnityEngine.XR.ARFoundation;
using UnityEngine.XR.Interaction.Toolkit;

public sealed class SampleTests
{
    const double FrameSeconds = 1 / 72.0;
    const int Block = 512;

    readonly List<Studio> _lines = new List<Studio>();
    double _now;

    [SetUp]
    public void Clear()
    {
        World.Clear();
        Project.Willing = true;
        Project.Dialogs.Clear();
        InputDevices.Right = InputDevices.Left = default;
        _lines.Clear();
        _now = 0;
        CompanionClock.Source = () => _now;
        World.ChangeDevice(48000, Block, 2);
    }

    CompanionClient[] Connect()
    {
        CompanionClient[] all = World.FindAll<CompanionClient>();
        foreach (CompanionClient each in all)
        {
            each.Transport = () =>
            {
                _lines.Add(new Studio(FaceNames.Arkit.Concat(FaceNames.Head).ToArray()));
                return _lines[_lines.Count - 1];
            };
        }
        return all;
    }

    void Run(double seconds)
    {
        float[] sound = new float[2 * Block];
        double end = _now + seconds, heard = _now;
        while (_now < end)
        {
            _now += FrameSeconds;
            foreach (Studio each in _lines) each.Step(_now);
            for (; heard < _now; heard += Block / 48000.0) World.Sound(sound, 2);
            World.Frame();
        }
    }

    static void Quiet() => Assert.AreEqual(new string[0], World.Logged.Where(line => line.StartsWith("exception") || line.StartsWith("error")).ToArray());

    [Test]
    public void SubtitlesAreNamedAndRunTheirWay()
    {
        TextSubtitlesMenu.Build();
        Connect();
        Run(1);
        _lines.Single().Say(1, 3);
        Run(2);
        TextSubtitles subtitles = World.FindAll<TextSubtitles>().Single();
        Assert.IsTrue(subtitles.CompanionText!.text.StartsWith("Mira: "), subtitles.CompanionText.text);
        Assert.IsFalse(subtitles.CompanionText.isRightToLeftText);
        Run(6);
        Assert.AreEqual("", subtitles.CompanionText.text, "cleared");
        Assert.IsTrue(TextSubtitles.RunsLeft("\u05e9\u05dc\u05d5\u05dd"));
        Assert.IsTrue(TextSubtitles.RunsLeft("1. \u0645\u0631\u062d\u0628\u0627"));
        Assert.IsFalse(TextSubtitles.RunsLeft("Hello \u05e9\u05dc\u05d5\u05dd"));
        Assert.IsFalse(TextSubtitles.RunsLeft("\u3053\u3093\u306b\u3061\u306f"));
        Quiet();
    }

    [Test]
    public void ATimelineWaitsForTheReply()
    {
        TimelineMenu.Build();
        Connect();
        Run(1);
        TimelineCompanion receiver = World.FindAll<TimelineCompanion>().Single();
        TimelineAsset timeline = (TimelineAsset)World.FindAll<PlayableDirector>().Single().playableAsset;
        Assert.AreEqual(3, timeline.markerTrack.Markers.Count);
        Root root = new Root();
        CompanionMarker marker = (CompanionMarker)timeline.markerTrack.Markers[0];
        receiver.OnNotify(new Playable(root), marker, null!);
        Assert.AreEqual(0, root.Speed, "it stands still");
        Run(1);
        Assert.AreEqual(1, _lines.Single().Got["context"], "told");
        _lines.Single().Say(1, 1);
        Run(0.8);
        Assert.AreEqual(0, root.Speed, "while it speaks");
        Run(2);
        Assert.AreEqual(1, root.Speed, "it was heard");
        receiver.OnNotify(new Playable(root), marker, null!);
        Assert.AreEqual(0, root.Speed);
        Run(31);
        Assert.AreEqual(1, root.Speed, "no reply came");
        marker.Kind = MarkerKind.Happened;
        receiver.OnNotify(new Playable(root), marker, null!);
        Assert.AreEqual(1, root.Speed, "nothing is answered");
        marker.Kind = MarkerKind.Respond;
        World.FindAll<CompanionClient>().Single().Disconnect();
        Run(0.2);
        receiver.OnNotify(new Playable(root), marker, null!);
        Assert.AreEqual(1, root.Speed, "nobody is there");
        Quiet();
    }

    [Test]
    public void ASelectedCompanionListens()
    {
        DemoStage.Camera();
        InteractionMenu.Build();
        Connect();
        Run(1);
        TalkOnSelect talk = World.FindAll<TalkOnSelect>().Single();
        XRSimpleInteractable interactable = talk.GetComponent<XRSimpleInteractable>();
        interactable.hoverEntered.Invoke(new HoverEnterEventArgs());
        interactable.hoverEntered.Invoke(new HoverEnterEventArgs());
        Run(1);
        Assert.AreEqual(1, _lines.Single().Got["context"], "told once");
        CompanionMicrophone ear = World.FindAll<CompanionMicrophone>().Single();
        interactable.selectEntered.Invoke(new SelectEnterEventArgs());
        Assert.IsTrue(talk.IsHeld && ear.IsTalking, "selected");
        interactable.selectExited.Invoke(new SelectExitEventArgs());
        Assert.IsFalse(talk.IsHeld, "let go");
        interactable.selectEntered.Invoke(new SelectEnterEventArgs());
        talk.enabled = false;
        Assert.IsFalse(talk.IsHeld, "switched off");
        Quiet();
    }

    [Test]
    public void AScenesWithoutAnARCameraIsToldWhatItLacks()
    {
        ARMenu.Build();
        Assert.IsTrue(Project.Dialogs.Single().Contains("XR Origin (Mobile AR)"));
        Assert.AreEqual(0, World.FindAll<CompanionClient>().Length);
    }

    [Test]
    public void ATapPlacesTheCompanionUprightBeforeThePlayer()
    {
        Camera camera = DemoStage.Camera();
        GameObject origin = new GameObject("XR Origin");
        camera.transform.SetParent(origin.transform, false);
        ARCameraManager manager = camera.gameObject.AddComponent<ARCameraManager>();
        ARMenu.Build();
        CompanionClient client = Connect().Single();
        ARCompanion placer = origin.GetComponent<ARCompanion>();
        ARRaycastManager rays = origin.GetComponent<ARRaycastManager>();
        Run(0.2);
        Assert.IsFalse(placer.Place(new Vector2(10, 10)), "no plane is there");
        Assert.AreEqual(0, _lines.Count, "nobody is there");
        rays.Hits.Add(new ARRaycastHit(new Pose(new Vector3(2, 0, 2), Quaternion.identity)));
        Assert.IsTrue(placer.Place(new Vector2(10, 10)));
        Run(0.5);
        Assert.IsTrue(client.IsConnected, "placed, it connects");
        Vector3 faces = client.transform.rotation * Vector3.forward, way = camera.transform.position - client.transform.position;
        way.y = 0;
        Assert.Less(Vector3.Angle(faces, way), 1, "it faces the player");
        Assert.AreEqual(1, client.transform.localScale.x, 1e-6, "life size on a floor");
        rays.Hits[0] = new ARRaycastHit(new Pose(new Vector3(0, 0.9f, 1), Quaternion.identity));
        Assert.IsTrue(placer.Place(new Vector2(10, 10)));
        Assert.Less(client.transform.localScale.x, 0.5, "small on a table");
        Assert.AreEqual(1, _lines.Count, "moved, it stays connected");

        Light light = World.FindAll<Light>().Single();
        for (int frame = 0; frame < 100; frame++)
            manager.Receive(new ARCameraFrameEventArgs { lightEstimation = new ARLightEstimationData { averageBrightness = 0.3f, mainLightColor = Color.red, mainLightDirection = Vector3.down } });
        Assert.AreEqual(0.3, light.intensity, 0.01);
        Assert.Less(light.color.g, 0.05);
        Assert.Less(Vector3.Angle(light.transform.forward, Vector3.down), 1);
        light.GetComponent<RoomLight>().enabled = false;
        manager.Receive(new ARCameraFrameEventArgs { lightEstimation = new ARLightEstimationData { averageBrightness = 1 } });
        Assert.AreEqual(0.3, light.intensity, 0.01, "switched off");
        Quiet();
    }

    [Test]
    public void WhoIsLookedAtIsAddressedAndTheOthersOverhear()
    {
        RoomMenu.Build();
        CompanionClient[] clients = Connect();
        RoomTalk talk = World.FindAll<RoomTalk>().Single();
        // Play begins: what the menu filled in is there when it wakes.
        talk.enabled = false;
        talk.enabled = true;
        Run(1);
        Assert.AreEqual(1, talk.Addressed, "the one in the middle");
        Camera.main.transform.localRotation = Quaternion.Euler(0, 40, 0);
        Run(0.1);
        Assert.AreEqual(2, talk.Addressed, "to the right");
        List<float> shaken = new List<float>();
        InputDevices.Left = new InputDevice { Valid = true, Primary = true, Shaken = shaken };
        Run(0.1);
        Assert.IsTrue(talk.IsDown && clients[2].GetComponentInChildren<CompanionMicrophone>().IsTalking, "it listens");
        Assert.AreEqual(1, shaken.Count);
        Camera.main.transform.localRotation = Quaternion.identity;
        Run(0.1);
        Assert.AreEqual(2, talk.Addressed, "who listens goes on listening");
        InputDevices.Left = default;
        Run(0.5);
        Assert.IsFalse(talk.IsDown, "the controller is gone");
        Assert.AreEqual(1, talk.Addressed);
        int Told(int at) => _lines[at].Got.TryGetValue("context", out int count) ? count : 0;
        int[] before = { Told(0), Told(1), Told(2) };
        _lines[2].Say(1, 1);
        Run(4);
        Assert.AreEqual(before[0] + 1, Told(0), "overheard");
        Assert.AreEqual(before[1] + 1, Told(1), "overheard");
        Assert.AreEqual(before[2], Told(2), "its own words it knows");
        Quiet();
    }

    [Test]
    public void TheHeadOfTheIdentityIsWorn()
    {
        SculptedHeadMenu.Build();
        CompanionClient client = Connect().Single();
        client.Token = "abc";
        Run(1);
        SculptedHead head = World.FindAll<SculptedHead>().Single();
        Assert.AreEqual(FaceProfile.Arkit52, client.Profile, "asked for before the meshes are there");
        UnityWebRequest request = UnityWebRequest.Last;
        Assert.AreEqual("http://127.0.0.1:8765/heads/a.glb", request.url);
        Assert.AreEqual("Authorization: Bearer abc", request.Header);
        Transform eye = null!;
        GltfImport.Disposed = 0;
        GltfImport.Scene = parent =>
        {
            Transform bone = new GameObject("head").transform;
            bone.SetParent(parent, false);
            eye = new GameObject("leftEye").transform;
            eye.SetParent(bone, false);
            SkinnedMeshRenderer skin = new GameObject("skin").AddComponent<SkinnedMeshRenderer>();
            skin.transform.SetParent(parent, false);
            skin.sharedMesh = new Mesh { vertices = new Vector3[1] };
            foreach (string shape in FaceNames.Arkit) skin.sharedMesh.AddBlendShapeFrame(shape, 1, new Vector3[1], null!, null!);
        };
        request.result = UnityWebRequest.Result.Success;
        request.downloadHandler.data = new byte[] { (byte)'g', (byte)'l', (byte)'T', (byte)'F' };
        request.Operation.Complete();
        Assert.IsNotNull(head.Worn, "worn");
        Assert.IsTrue(head.Instead.All(each => !each.activeSelf), "the other is hidden");
        Assert.IsTrue(ReferenceEquals(eye, client.GetComponent<CompanionGaze>().LeftEye), "its eyes look");
        Run(1);
        Assert.AreEqual(2, client.GetComponent<CompanionFace>().Targets.Count, "its meshes are found");
        SkinnedMeshRenderer mesh = head.Worn!.GetComponentInChildren<SkinnedMeshRenderer>();
        _lines.Single().Say(1, 3);
        float most = 0;
        for (int step = 0; step < 20; step++)
        {
            Run(0.1);
            most = Math.Max(most, mesh.GetBlendShapeWeight(Array.IndexOf(FaceNames.Arkit, "jawOpen")));
        }
        Assert.IsTrue(most > 0.1 && most <= 1, "it speaks, at its own scale: " + most);
        UnityEngine.Object.Destroy(head);
        World.Frame();
        Assert.AreEqual(1, GltfImport.Disposed, "its memory is given back");
        Quiet();
    }

    [Test]
    public void AHeadThatCannotBeReadLeavesTheOther()
    {
        SculptedHeadMenu.Build();
        Connect();
        Run(1);
        UnityWebRequest request = UnityWebRequest.Last;
        request.result = UnityWebRequest.Result.Success;
        request.downloadHandler.data = new byte[] { 1, 2, 3 };
        request.Operation.Complete();
        SculptedHead head = World.FindAll<SculptedHead>().Single();
        Assert.IsNull(head.Worn);
        Assert.IsTrue(head.Instead.All(each => each.activeSelf));
        Assert.IsTrue(World.Logged.Any(line => line.Contains("head could not be put on")));
        Quiet();
    }
}
