// Characters' bones and sound sources: rigs with other axes, poses of an Animator, filters that are exchanged, plays without a reload.
using System;
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using UnityEngine;

public static class Bodies
{
    const double Degree = 180 / Math.PI;

    /// A rig whose bones have x along the bone and z to the side, as many exporters make them.
    static Transform Bone(Transform parent, string name, Vector3 at, Quaternion turned)
    {
        Transform made = new GameObject(name).transform;
        made.SetParent(parent, false);
        made.localPosition = at;
        made.localRotation = turned;
        return made;
    }

    static (Transform neck, Transform head) Rig(Stage stage)
    {
        Transform neck = Bone(stage.Client.transform, "Neck", new Vector3(0, 1.5f, 0), Quaternion.Euler(0, -90, 90));
        return (neck, Bone(neck, "Head bone", new Vector3(0.1f, 0, 0), Quaternion.Euler(10, 20, 30)));
    }

    static CompanionGaze Gaze(Stage stage, Transform head, Vector3 target)
    {
        CompanionGaze gaze = stage.Client.gameObject.AddComponent<CompanionGaze>();
        gaze.Head = head;
        gaze.Target = Bone(null, "Target", target, Quaternion.identity);
        // As in a scene: everything is set before it wakes.
        gaze.enabled = false;
        gaze.enabled = true;
        return gaze;
    }

    // How a rotation has turned the character: to its own left, up, and to its own right, in degrees.
    static (double yaw, double pitch, double roll) Turned(Quaternion from, Quaternion to)
    {
        Quaternion turn = to * Quaternion.Inverse(from);
        Vector3 way = turn * Vector3.forward, up = turn * Vector3.up;
        return (Math.Atan2(-way.x, way.z) * Degree, Math.Asin(way.y) * Degree, Math.Atan2(up.x, up.y) * Degree);
    }

    /// 37 degrees to the left of a character whose head has axes of its own.
    public static void Gaze(Stage stage, Dictionary<string, Value> told)
    {
        (Transform _, Transform head) = Rig(stage);
        Quaternion rest = head.rotation;
        double angle = 37 / Degree;
        Gaze(stage, head, head.position + new Vector3((float)-Math.Sin(angle), 0, (float)Math.Cos(angle)) * 2);
        double yaw = 0, pitch = 0, roll = 0;
        int count = 0;
        stage.Until(2);
        stage.Until(12, now =>
        {
            (double y, double p, double r) = Turned(rest, head.rotation);
            yaw += y;
            pitch = Math.Max(pitch, Math.Abs(p));
            roll = Math.Max(roll, Math.Abs(r));
            count++;
        });
        told["yaw"] = Value.Of(yaw / count);
        told["pitch"] = Value.Of(pitch);
        told["roll"] = Value.Of(roll);
    }

    /// An Animator nods the head; the gaze has weight 0, then 1, then is switched off.
    public static void Animated(Stage stage, Dictionary<string, Value> told)
    {
        (Transform _, Transform head) = Rig(stage);
        CompanionGaze gaze = Gaze(stage, head, new Vector3(-3, 1.6f, 3));
        gaze.Weight = 0;
        Quaternion pose = head.localRotation, written = pose;
        double off = 0, moved = 0, on = 0;
        Action<double> nod = now =>
        {
            off = Math.Max(off, Quaternion.Angle(head.localRotation, written)); // what the last frame left
            written = pose * Quaternion.Euler(0, 0, 15 * (float)Math.Sin(3 * now));
            head.localRotation = written;
            moved = Math.Max(moved, Quaternion.Angle(written, pose));
        };
        stage.Until(4, nod);
        told["off"] = Value.Of(off);
        told["moved"] = Value.Of(moved);
        gaze.Weight = 1;
        off = 0;
        stage.Until(6, nod);
        // On top of the nod: the turn of the frame, not the pose, is what the gaze adds.
        Quaternion least = head.localRotation, parent = head.parent.rotation;
        on = Turned(parent * written, parent * least).yaw;
        told["on"] = Value.Of(on);
        gaze.enabled = false;
        off = 0;
        stage.Until(8, nod);
        told["after"] = Value.Of(Quaternion.Angle(head.localRotation, written));
    }

    /// A head without shapes: its jaw has axes of its own, and the lips close by it.
    public static void Jaw(Stage stage, Dictionary<string, Value> told)
    {
        (Transform neck, Transform head) = Rig(stage);
        Transform jaw = Bone(head, "Jaw", new Vector3(0.05f, 0, 0), Quaternion.Euler(70, -30, 110));
        Quaternion rest = jaw.rotation, pose = jaw.localRotation;
        UnityEngine.Object.Destroy(stage.Head.gameObject);
        stage.Face.Jaw = jaw;
        stage.Until(1);
        stage.Line.Say(1, 20);
        stage.Face.SetOverride("mouthClose", 0); // the studio moves all channels alike
        double open = 0, aside = 0;
        stage.Until(6, now =>
        {
            (double yaw, double pitch, double roll) = Turned(rest, jaw.rotation);
            open = Math.Max(open, -pitch);
            aside = Math.Max(aside, Math.Max(Math.Abs(yaw), Math.Abs(roll)));
        });
        told["open"] = Value.Of(open);
        told["aside"] = Value.Of(aside);
        stage.Face.SetOverride("jawOpen", 0.6f);
        stage.Face.SetOverride("mouthClose", 0.6f);
        stage.Until(6.2);
        told["closed"] = Value.Of(Quaternion.Angle(jaw.localRotation, pose));
        stage.Face.SetOverride("mouthClose", 0);
        stage.Until(6.4);
        told["half"] = Value.Of(Quaternion.Angle(jaw.localRotation, pose));
        stage.Face.enabled = false;
        told["rest"] = Value.Of(Quaternion.Angle(jaw.localRotation, pose));
    }

    /// The device changes: the mixer takes a block before the frame ends in which the old filter goes.
    public static void Filters(Stage stage, Dictionary<string, Value> told)
    {
        stage.Until(1);
        stage.Line.Say(1, 20);
        stage.Until(4);
        Playout playout = stage.Client.Conversation.Voice.Playout;
        float[] data = new float[2 * 480];
        World.ChangeDevice(48000, 480, 4);
        long taken = 0;
        float most = 0;
        double wall = stage.Now;
        for (int block = 0; block < 20; block++)
        {
            long before = playout.Air;
            CompanionClock.Source = () => wall;
            World.Sound(data, 2);
            taken = Math.Max(taken, playout.Air - before);
            most = Math.Max(most, data.Max(Math.Abs));
            wall += 0.01;
        }
        told["taken"] = Value.Of(taken); // of 24000 a second
        told["level"] = Value.Of((double)most);
        AudioSource source = stage.Client.GetComponent<AudioSource>();
        told["post_effects"] = Value.Of(source.spatializePostEffects);
    }

    /// Play, stop, play again, in an editor that keeps the domain.
    public static void Replay(Stage first, Dictionary<string, Value> told)
    {
        first.Until(1);
        first.Line.Say(1, 20);
        first.Until(4);
        Studio old = first.Line;
        World.Clear();
        told["gone"] = Value.Of(old.Gone);
        World.EnterPlay();
        told["clock"] = Value.Of(CompanionClock.Source == null);
        Stage second = new Stage();
        second.Until(1);
        second.Line.Say(1, 20);
        second.Until(3);
        second.Measuring = true;
        second.Until(8);
        told["lines"] = Value.Of(second.Lines.Count);
        told["worst"] = Value.Of(second.Errors.Max(Math.Abs));
        told["compared"] = Value.Of(second.Errors.Count);
    }
}
