// The editor layer, the demo stage, the samples and the optional assemblies, executed on the stub of Unity.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using CompanionBridge.Demo;
using CompanionBridge.Editor;
using CompanionBridge.Samples;
using NUnit.Framework;
using UniVRM10;
using UnityEditor;
using UnityEngine;
using UnityEngine.XR;
using Object = UnityEngine.Object;

public sealed class LayerTests
{
    [SetUp]
    public void Clear()
    {
        World.Clear();
        Project.Willing = true;
        Project.Scenes.Clear();
        Project.Assets.Clear();
        Project.SubAssets.Clear();
        Project.Folders.Clear();
        Project.Files.Clear();
        Project.Dialogs.Clear();
        InputDevices.Right = InputDevices.Left = default;
        foreach (string name in new[] { ProjectReader.DisableAudio, "m_DSPBufferSize", "m_RequestedDSPBufferSize" }) Project.Setting(ProjectReader.AudioSettingsPath, name);
        foreach (string name in new[] { ProjectReader.PrepareRecording, ProjectReader.ForceSpeaker }) Project.Setting(ProjectReader.PlayerSettingsPath, name);
    }

    static DemoCast Cast()
    {
        DemoCast cast = DemoStage.Companion("Nora", new Vector3(0, 0, 1), 180, "ws://127.0.0.1:1");
        cast.Client.ConnectOnStart = false;
        return cast;
    }

    static void Quiet() => Assert.AreEqual(new string[0], World.Logged.Where(line => line.StartsWith("exception") || line.StartsWith("error")).ToArray());

    static SkinnedMeshRenderer Skin(GameObject on, float full, params string[] shapes)
    {
        GameObject part = new GameObject("mesh");
        part.transform.SetParent(on.transform, false);
        SkinnedMeshRenderer skin = part.AddComponent<SkinnedMeshRenderer>();
        skin.sharedMesh = new Mesh { vertices = new Vector3[1] };
        foreach (string shape in shapes) skin.sharedMesh.AddBlendShapeFrame(shape, full, new Vector3[1], null!, null!);
        return skin;
    }

    // -------------------------------------------------------------------------------------------- demo

    [Test]
    public void TheDemoCompanionIsWhole()
    {
        DemoCast cast = Cast();
        World.Frame();
        SkinnedMeshRenderer head = cast.Head.GetComponent<SkinnedMeshRenderer>();
        Assert.AreEqual(67, head.sharedMesh.blendShapeCount);
        Assert.AreEqual(100, head.sharedMesh.GetBlendShapeFrameWeight(0, 0));
        Assert.IsNotNull(head.sharedMaterial, "a material");
        CompanionFace face = cast.Client.GetComponent<CompanionFace>();
        Assert.AreEqual("arkit52", face.BestProfile());
        Assert.AreEqual(1, face.Renderers().Count);
        AudioSource voice = cast.Client.GetComponentInChildren<CompanionVoice>().GetComponent<AudioSource>();
        Assert.IsTrue(voice.isPlaying, "the voice plays");
        Assert.AreEqual(1, voice.spatialBlend);
        Assert.IsNotNull(cast.Subtitles.CompanionText!.GetComponent<MeshRenderer>().sharedMaterial, "subtitles can be seen");
        Quiet();
    }

    [Test]
    public void HeadsShareOneMesh()
    {
        Assert.IsTrue(ReferenceEquals(Cast().Head.GetComponent<SkinnedMeshRenderer>().sharedMesh, Cast().Head.GetComponent<SkinnedMeshRenderer>().sharedMesh));
    }

    [Test]
    public void TheMenuMakesASceneAndItsMaterialOnce()
    {
        DemoScenes.CreateDemo();
        Assert.AreEqual(new[] { "Assets/Companion Bridge Demo/Talking Head.unity" }, Project.Scenes);
        Material material = (Material)Project.Assets["Assets/Companion Bridge Demo/Demo Head.mat"];
        Assert.IsTrue(ReferenceEquals(Project.SubAssets.Single(), material.mainTexture), "the texture is saved with it");
        Assert.IsTrue(ReferenceEquals(material, DemoScenes.HeadMaterial()), "made once");
        Assert.AreEqual(1, World.FindAll<Camera>().Length);
        Assert.AreEqual(1, World.FindAll<AudioListener>().Length);
        Assert.AreEqual(1, World.FindAll<CompanionClient>().Length);
        Assert.IsTrue(ReferenceEquals(material, World.FindAll<DemoHead>().Single().GetComponent<SkinnedMeshRenderer>().sharedMaterial), "the head has it");
        Quiet();
    }

    [Test]
    public void AnUnsavedSceneIsNotLost()
    {
        Project.Willing = false;
        DemoScenes.CreateDemo();
        Assert.AreEqual(0, Project.Scenes.Count);
        Assert.AreEqual(0, World.FindAll<CompanionClient>().Length);
    }

    // -------------------------------------------------------------------------------------------- own characters

    [Test]
    public void ACharacterIsMadeToTalkOnce()
    {
        GameObject character = new GameObject("Ann");
        GameObject bone = new GameObject("CC_Base_Head");
        bone.transform.SetParent(character.transform, false);
        Skin(character, 100, "Eye_Blink_L", "Eye_Blink_R", "Jaw_Open", "Mouth_Close", "V_Explosive", "V_Dental_Lip", "V_Lip_Open", "V_Affricate", "V_Wide", "V_Open", "V_Tight_O", "V_Tight");
        string told = CharacterSetup.Add(character, "ws://10.0.0.2:8765");
        Assert.IsTrue(told.Contains("oculus15") && told.Contains("CC_Base_Head"), told);
        CharacterSetup.Add(character, "ws://other:1");
        Assert.AreEqual(1, character.GetComponentsInChildren<CompanionClient>().Length);
        Assert.AreEqual(1, character.GetComponentsInChildren<CompanionVoice>().Length);
        Assert.AreEqual(0, character.GetComponentsInChildren<DemoPanel>().Length, "a tool for demos");
        Assert.AreEqual("ws://10.0.0.2:8765", character.GetComponentInChildren<CompanionClient>().Url);
        Assert.IsTrue(ReferenceEquals(bone.transform, character.GetComponent<CompanionGaze>().Head), "the head bone");
        Assert.IsTrue(ReferenceEquals(bone.transform, character.GetComponentInChildren<CompanionVoice>().transform.parent), "the voice is in the head");
        Quiet();
    }

    [Test]
    public void AHumanoidTellsItsHead()
    {
        GameObject character = new GameObject("Ann"), bone = new GameObject("Skull");
        bone.transform.SetParent(character.transform, false);
        character.AddComponent<Animator>().HeadBone = bone.transform;
        string told = CharacterSetup.Add(character, "ws://127.0.0.1:1");
        Assert.IsTrue(ReferenceEquals(bone.transform, character.GetComponent<CompanionGaze>().Head));
        Assert.IsTrue(told.Contains("no face shapes"), told);
    }

    [Test]
    public void TheFaceMapTellsAndMoves()
    {
        GameObject character = new GameObject("Ann");
        SkinnedMeshRenderer head = Skin(character, 1, "blendShape2.jawOpen", "mouthSmile_L", "mouthSmile_R", "Eye_Blink_L");
        SkinnedMeshRenderer teeth = Skin(character, 100, "jawOpen");
        FacePreview preview = new FacePreview(new[] { head, teeth }, "arkit52", new FaceChoice[0], false);
        Assert.AreEqual(2, preview.Targets.Count);
        Assert.AreEqual(4, preview.Matched);
        Assert.AreEqual(48, preview.Missing.Count);
        Assert.AreEqual("blendShape2.jawOpen,jawOpen", preview.ShownBy("jawOpen"));
        Assert.IsTrue(preview.SealsByJaw);
        Assert.IsTrue(preview.Complaints().Any(each => each.Contains("cannot blink")));
        preview.Weights[Array.IndexOf(FaceNames.Arkit, "jawOpen")] = 0.5f;
        preview.Show();
        Assert.AreEqual(0.5, head.GetBlendShapeWeight(0), 1e-6);
        Assert.AreEqual(50, teeth.GetBlendShapeWeight(0), 1e-4);
        preview.Clear();
        Assert.AreEqual(0, head.GetBlendShapeWeight(0), 1e-6);
        Assert.AreEqual(0, teeth.GetBlendShapeWeight(0), 1e-6);
    }

    [Test]
    public void AChoiceOverrulesTheName()
    {
        SkinnedMeshRenderer head = Skin(new GameObject("Ann"), 100, "jawOpen", "MyJaw");
        FacePreview preview = new FacePreview(new[] { head }, "arkit52", new[] { new FaceChoice { Channel = "jawOpen", Shape = "MyJaw", Gain = 1 } }, false);
        Assert.AreEqual("MyJaw", preview.ShownBy("jawOpen"));
    }

    // -------------------------------------------------------------------------------------------- doctor

    [Test]
    public void RemediesPutRightWhatWasFound()
    {
        DemoScenes.CreateDemo();
        EditorUserBuildSettings.activeBuildTarget = BuildTarget.iOS;
        Cure(Remedy.MicrophoneText, Remedy.PrepareRecording, Remedy.ForceSpeaker);
        EditorUserBuildSettings.activeBuildTarget = BuildTarget.Android;
        UnityEditor.PackageManager.PackageInfo.Registered.Add(new UnityEditor.PackageManager.PackageInfo { name = "com.unity.xr.openxr" });
        Cure(Remedy.InternetAccess, Remedy.Arm64, Remedy.MinimumSdk);
        Assert.IsFalse(Found(Remedy.Il2Cpp), "ARM64 brings IL2CPP");
        EditorUserBuildSettings.activeBuildTarget = BuildTarget.StandaloneLinux64;
        Cure(Remedy.RunInBackground, Remedy.PlainHttp);
        Project.Assemblies["VRM10"] = "Packages/com.vrmc.vrm/Runtime/VRM10.asmdef";
        Assert.IsFalse(Found(Remedy.VrmSymbol), "a package is seen by itself");
        Project.Assemblies["VRM10"] = "Assets/VRM10/Runtime/VRM10.asmdef";
        PlayerSettings.SetScriptingDefineSymbols(default, "MINE");
        Cure(Remedy.VrmSymbol);
        Remedies.Apply(Remedy.VrmSymbol);
        Assert.AreEqual("MINE;COMPANION_VRM", PlayerSettings.GetScriptingDefineSymbols(default));
        Project.Assemblies.Clear();
        EditorUserBuildSettings.activeBuildTarget = BuildTarget.WebGL;
        PlayerSettings.WebGL.exceptionSupport = WebGLExceptionSupport.None;
        Cure(Remedy.WebExceptions);
        EditorUserBuildSettings.activeBuildTarget = BuildTarget.StandaloneLinux64;
        Project.Files[ProjectReader.AudioSettingsPath][ProjectReader.DisableAudio].boolValue = true;
        Cure(Remedy.EnableAudio);
        Remedies.Apply(Remedy.BestLatency);
        Assert.AreEqual(256, Project.Files[ProjectReader.AudioSettingsPath]["m_DSPBufferSize"].intValue);
    }

    static bool Found(Remedy remedy) => Checks.All(ProjectReader.Read()).Any(finding => finding.Remedy == remedy);

    static void Cure(params Remedy[] remedies)
    {
        foreach (Remedy remedy in remedies)
        {
            Assert.IsTrue(Found(remedy), remedy + " is found");
            Remedies.Apply(remedy);
            Assert.IsFalse(Found(remedy), remedy + " is cured");
        }
    }

    [Test]
    public void AMissingListenerAndVoiceAreAdded()
    {
        DemoScenes.CreateDemo();
        Object.Destroy(World.FindAll<AudioListener>().Single());
        Object.Destroy(World.FindAll<CompanionVoice>().Single());
        World.FindAll<CompanionClient>().Single().ConnectOnStart = false;
        World.Frame();
        Cure(Remedy.AddListener, Remedy.MakeTalk);
    }

    [Test]
    public void PublicAddressesAreSecured()
    {
        CompanionClient far = new GameObject("far").AddComponent<CompanionClient>(), near = new GameObject("near").AddComponent<CompanionClient>();
        far.Url = "ws://talk.example.org/x";
        near.Url = "ws://192.168.0.4:8765";
        Remedies.Apply(Remedy.SecureUrl);
        Assert.AreEqual("wss://talk.example.org/x", far.Url);
        Assert.AreEqual("ws://192.168.0.4:8765", near.Url);
    }

    [Test]
    public void ASettingThatIsGoneIsToldNotThrown()
    {
        Project.Files.Clear();
        Remedies.Apply(Remedy.PrepareRecording);
        Assert.IsTrue(World.Logged.Any(line => line.Contains("Prepare IOS For Recording")));
    }

    [Test]
    public void WindowsAndInspectorsDraw()
    {
        DemoScenes.CreateDemo();
        World.FindAll<CompanionClient>().Single().ConnectOnStart = false;
        World.Send("OnGUI");
        Quiet();
    }

    // -------------------------------------------------------------------------------------------- samples

    [Test]
    public void EverySampleBuildsItsScene()
    {
        foreach (Action build in new Action[] { TalkingHeadMenu.Build, ToolCallsMenu.Build, TwoCompanionsMenu.Build, QuestPushToTalkMenu.Build, TextSubtitlesMenu.Build, TimelineMenu.Build, RoomMenu.Build })
        {
            World.Clear();
            build();
            CompanionClient[] clients = World.FindAll<CompanionClient>();
            Assert.AreEqual(build == RoomMenu.Build ? 3 : build == TwoCompanionsMenu.Build ? 2 : 1, clients.Length);
            foreach (CompanionClient each in clients) each.ConnectOnStart = false;
            World.Frame();
            World.Send("OnGUI");
            Quiet();
        }
        Assert.AreEqual(7, Project.Scenes.Distinct().Count());
    }

    [Test]
    public void ToolsOfTheLampsRun()
    {
        ToolCallsMenu.Build();
        LampTools lamps = World.FindAll<LampTools>().Single();
        Conversation talk = lamps.Client!.Conversation;
        Assert.AreEqual(new[] { "set_lamp", "look_around", "open_door" }, talk.Tools.Specs.Select(spec => spec.Name).ToArray());
        talk.Tools.Call(new ToolCall(1, 1, 1, "set_lamp", Json.Parse("{\"lamp\":\"green\",\"on\":true}"), 1000), 0);
        Assert.AreEqual(new[] { false, true, false }, lamps.Lamps.Select(light => light.enabled).ToArray());
        Assert.AreEqual("green", talk.Context.States["lit lamps"]);
        talk.Tools.Call(new ToolCall(1, 2, 2, "set_lamp", Json.Parse("{\"lamp\":\"purple\",\"on\":true}"), 1000), 0);
        Assert.AreEqual(1, lamps.Lamps.Count(light => light.enabled), "arguments are checked first");
        Quiet();
    }

    [Test]
    public void TheQuestButtonFailsClosed()
    {
        QuestPushToTalkMenu.Build();
        QuestPushToTalk talk = World.FindAll<QuestPushToTalk>().Single();
        talk.Client!.ConnectOnStart = false;
        World.Frame();
        World.Hear(Enumerable.Repeat(0.1f, 4096).ToArray());
        World.Frame();
        Assert.IsFalse(talk.IsDown);
        Assert.AreEqual("Hold A or X to talk.", talk.Board!.text);
        InputDevices.Right = new InputDevice { Valid = true, Primary = true };
        World.Frame();
        Assert.IsTrue(talk.IsDown, "pressed");
        Assert.AreEqual("Listening ...", talk.Board!.text);
        InputDevices.Right = default;
        World.Frame();
        Assert.IsFalse(talk.IsDown, "the controller is gone");
        InputDevices.Right = new InputDevice { Valid = true, Primary = true };
        World.Frame();
        World.Send("OnApplicationFocus", false);
        Assert.IsFalse(talk.IsDown, "the system's menu");
        Quiet();
    }

    [Test]
    public void OneIsAddressedAndTheOtherOverhears()
    {
        TwoCompanionsMenu.Build();
        TwoCompanions two = World.FindAll<TwoCompanions>().Single();
        two.Address(1);
        Assert.AreEqual(1, two.Addressed);
        two.Address(7);
        Assert.AreEqual(1, two.Addressed, "there is no such one");
        two.Say("Hello.");
        CompanionClient[] clients = World.FindAll<CompanionClient>();
        Assert.AreEqual("Hello.", clients[1].Conversation.Subtitles.Said.Single().Text);
        Assert.AreEqual(0, clients[0].Conversation.Subtitles.Said.Count);
        Quiet();
    }

    // -------------------------------------------------------------------------------------------- optional assemblies

    static CompanionVrm Vrm(params ExpressionKey[] keys)
    {
        GameObject character = new GameObject("Vrm");
        character.SetActive(false);
        CompanionClient client = character.AddComponent<CompanionClient>();
        client.ConnectOnStart = false;
        Vrm10Instance model = character.AddComponent<Vrm10Instance>();
        ((List<ExpressionKey>)model.Runtime.Expression.ExpressionKeys).AddRange(keys);
        CompanionVrm vrm = character.AddComponent<CompanionVrm>();
        character.SetActive(true);
        return vrm;
    }

    [Test]
    public void AVrmModelAsksForItsProfile()
    {
        Assert.AreEqual(FaceProfile.Vrm, Vrm(ExpressionKey.CreateFromPreset(ExpressionPreset.aa)).Client!.Profile);
        ExpressionKey[] perfect = FaceNames.Arkit.Select(name => ExpressionKey.CreateCustom(char.ToUpper(name[0]) + name.Substring(1))).ToArray();
        Assert.AreEqual(FaceProfile.Arkit52, Vrm(perfect).Client!.Profile);
        Quiet();
    }

    [Test]
    public void UniTasksEndWithTheConversation()
    {
        CompanionClient client = new GameObject("Ann").AddComponent<CompanionClient>();
        System.Threading.CancellationTokenSource stop = new System.Threading.CancellationTokenSource();
        var waiting = client.WaitForAsync(CompanionState.Speaking, stop.Token).GetAwaiter();
        Assert.IsFalse(waiting.IsCompleted);
        stop.Cancel();
        Assert.IsTrue(waiting.IsCompleted);
        Assert.Throws<System.Threading.Tasks.TaskCanceledException>(() => waiting.GetResult());
        Assert.AreEqual(CompanionState.Idle, client.WaitForAsync(CompanionState.Idle).GetAwaiter().GetResult());
        Assert.Throws<ArgumentException>(() => client.AskAsync("  "));
    }
}
