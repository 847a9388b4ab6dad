// Characters and hands as they are found: without shapes, with the Input System, with controllers in both hands.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using CompanionBridge.Editor;
using CompanionBridge.Samples;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.XR;

public sealed class CharacterTests
{
    [SetUp]
    public void Clear()
    {
        World.Clear();
        Project.Willing = true;
        InputDevices.Right = InputDevices.Left = default;
    }

    static void Quiet() => Assert.AreEqual(new string[0], World.Logged.Where(line => line.StartsWith("exception") || line.StartsWith("error")).ToArray());

    [Test]
    public void AGripDoesNotTalkAndTheHandThatPressedIsShaken()
    {
        QuestPushToTalkMenu.Build();
        QuestPushToTalk talk = World.FindAll<QuestPushToTalk>().Single();
        talk.Client!.ConnectOnStart = false;
        World.Frame();
        List<float> left = new List<float>(), right = new List<float>();
        InputDevices.Left = new InputDevice { Valid = true, Grip = true, Shaken = left };
        InputDevices.Right = new InputDevice { Valid = true, Grip = true, Shaken = right };
        World.Frame();
        Assert.IsFalse(talk.IsDown, "a grip grabs");
        InputDevices.Left.Primary = true;
        World.Frame();
        Assert.IsTrue(talk.IsDown, "X");
        Assert.AreEqual(1, left.Count);
        Assert.AreEqual(0, right.Count);
        InputDevices.Left.Primary = false;
        World.Frame();
        InputDevices.Right.Primary = true;
        World.Frame();
        Assert.IsTrue(talk.IsDown, "A");
        Assert.AreEqual(1, left.Count);
        Assert.AreEqual(1, right.Count);
    }

    [Test]
    public void TheOldKeyIsHeldButNotWhileSomebodyTypes()
    {
        GameObject character = new GameObject("Ann");
        CharacterSetup.Add(character, "ws://127.0.0.1:1");
        character.GetComponent<CompanionClient>().ConnectOnStart = false;
        Assert.AreEqual(1, character.GetComponents<CompanionPushToTalkKey>().Length);
        CompanionMicrophone ear = character.GetComponent<CompanionMicrophone>();
        GUIUtility.keyboardControl = 7;
        World.Pressed.Add(KeyCode.Space);
        World.Frame();
        Assert.IsFalse(ear.IsTalking, "somebody types");
        GUIUtility.keyboardControl = 0;
        World.Frame();
        World.Pressed.Clear();
        Assert.IsTrue(ear.IsTalking, "held");
        World.Released.Add(KeyCode.Space);
        World.Frame();
        World.Released.Clear();
        World.Send("OnApplicationFocus", false);
        Assert.IsFalse(ear.IsTalking, "let go");
        Quiet();
    }

    [Test]
    public void AHeadWithoutShapesTalksByItsJaw()
    {
        GameObject character = new GameObject("Rob"), head = new GameObject("Bip01 Head"), jaw = new GameObject("Bip01 MJaw");
        head.transform.SetParent(character.transform, false);
        jaw.name = "mixamorig:Jaw";
        jaw.transform.SetParent(head.transform, false);
        string told = CharacterSetup.Add(character, "ws://127.0.0.1:1");
        Assert.IsTrue(ReferenceEquals(jaw.transform, character.GetComponent<CompanionFace>().Jaw), told);
        Assert.IsTrue(told.Contains("mixamorig:Jaw"), told);
        Assert.AreEqual("arkit52", character.GetComponent<CompanionFace>().BestProfile());
        CharacterSetup.Add(character, "ws://127.0.0.1:1");
        Quiet();
    }

    [Test]
    public void AnActionOfTheInputSystemIsHeld()
    {
        Action<GameObject> before = CharacterSetup.AddKey;
        CharacterSetup.AddKey = InputSystemSetup.Add;
        GameObject character = new GameObject("Ann");
        CharacterSetup.Add(character, "ws://127.0.0.1:1");
        CharacterSetup.Add(character, "ws://127.0.0.1:1");
        CharacterSetup.AddKey = before;
        Assert.AreEqual(0, character.GetComponents<CompanionPushToTalkKey>().Length);
        CompanionPushToTalkAction talk = character.GetComponents<CompanionPushToTalkAction>().Single();
        talk.GetComponent<CompanionClient>().ConnectOnStart = false;
        CompanionMicrophone ear = character.GetComponent<CompanionMicrophone>();
        Assert.AreEqual("<Keyboard>/space", talk.Action.action.Binding);
        talk.Action.action.Perform(true);
        Assert.IsTrue(ear.IsTalking, "held");
        talk.Action.action.Perform(false);
        World.Send("OnApplicationFocus", false);
        Assert.IsFalse(ear.IsTalking, "let go");
        GUIUtility.keyboardControl = 7;
        talk.Action.action.Perform(true);
        Assert.IsFalse(ear.IsTalking, "somebody types");
        talk.Action.action.Perform(true, new UnityEngine.InputSystem.Gamepad());
        Assert.IsTrue(ear.IsTalking, "a button types nothing");
        talk.Action.action.Perform(false);
        World.Send("OnApplicationFocus", false);
        GUIUtility.keyboardControl = 0;
        UnityEngine.InputSystem.InputAction shared = new UnityEngine.InputSystem.InputAction("Talk", UnityEngine.InputSystem.InputActionType.Button);
        shared.Enable();
        talk.Action = new UnityEngine.InputSystem.InputActionProperty(shared);
        shared.Perform(true);
        Assert.IsTrue(ear.IsTalking, "an action of the game's");
        talk.enabled = false;
        World.Send("OnApplicationFocus", false);
        Assert.IsFalse(ear.IsTalking, "switched off");
        Assert.IsTrue(shared.enabled, "it stays the game's");
        Quiet();
    }
}
