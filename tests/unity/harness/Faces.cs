// Meshes as they are found in the world.
using System;
using System.Collections.Generic;
using CompanionBridge;
using UnityEngine;

public static class Faces
{
    public static void Run(Stage stage, Dictionary<string, Value> told)
    {
        told["profile"] = Value.Of(stage.Face.BestProfile());
        SkinnedMeshRenderer teeth = Mesh(stage, "Teeth", 1, "JawOpen", "tongue_out");
        SkinnedMeshRenderer none = Mesh(stage, "Hat", 100, "feather");
        stage.Until(1);
        stage.Line.Say(1, 20);
        stage.Until(3);
        told["targets"] = Value.Of(stage.Face.Targets.Count);
        told["teeth"] = Value.Of((double)teeth.GetBlendShapeWeight(0));
        told["head"] = Value.Of((double)stage.Head.GetBlendShapeWeight(stage.Head.sharedMesh.GetBlendShapeIndex("jawOpen")));
        told["hat"] = Value.Of((double)none.GetBlendShapeWeight(0));
        stage.Face.SetOverride("jawOpen", 0.25f);
        stage.Until(3.1);
        told["override"] = Value.Of((double)teeth.GetBlendShapeWeight(0));
        stage.Face.ClearOverride("jawOpen");
        UnityEngine.Object.Destroy(teeth.gameObject);
        stage.Until(3.5);
        int before = World.Writes(stage.Head);
        stage.Line.Stalled = true;
        stage.Until(5);
        before = World.Writes(stage.Head);
        stage.Until(5.5);
        told["writes_while_held"] = Value.Of(World.Writes(stage.Head) - before);
        stage.Face.enabled = false;
        told["rest"] = Value.Of((double)stage.Head.GetBlendShapeWeight(stage.Head.sharedMesh.GetBlendShapeIndex("jawOpen")));
    }

    public static SkinnedMeshRenderer Mesh(Stage stage, string name, float full, params string[] shapes)
    {
        GameObject made = new GameObject(name);
        made.transform.SetParent(stage.Client.transform);
        SkinnedMeshRenderer renderer = made.AddComponent<SkinnedMeshRenderer>();
        renderer.sharedMesh = new Mesh { vertices = new Vector3[3] };
        foreach (string each in shapes) renderer.sharedMesh.AddBlendShapeFrame(each, full, new Vector3[3], null, null);
        return renderer;
    }
}
