#nullable enable
using System;
using System.Collections.Generic;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>One mesh that shows the face: which of its shapes are driven, and at what scale its weights run.</summary>
    public sealed class FaceTarget
    {
        const float Least = 1e-4f; // a smaller change is not worth a call

        readonly float[] _values, _written, _scale;
        readonly int[] _emotion; // ARKit shapes on a mesh that is driven by visemes, -1 where there is none
        readonly float[] _felt;

        public FaceTarget(SkinnedMeshRenderer renderer, FaceFormat format, IReadOnlyList<FaceChoice> choices, LipSeal seal)
        {
            Renderer = renderer;
            Mesh mesh = Mesh = renderer.sharedMesh;
            int count = mesh.blendShapeCount;
            string[] shapes = ShapesOf(mesh);
            _scale = new float[count];
            for (int shape = 0; shape < count; shape++)
            {
                // A shape's full weight is 100 from most importers and 1 from others.
                float full = mesh.GetBlendShapeFrameWeight(shape, mesh.GetBlendShapeFrameCount(shape) - 1);
                _scale[shape] = full > 0 ? full : 100;
            }
            Shapes = shapes;
            Map = FaceMap.Build(format.Profile, format.Names, shapes, choices, seal);
            _values = new float[count];
            _felt = new float[count];
            _written = new float[count];
            for (int shape = 0; shape < count; shape++) _written[shape] = float.NaN;
            _emotion = new int[FaceNames.Arkit.Length];
            for (int each = 0; each < _emotion.Length; each++) _emotion[each] = -1;
            if (format.Profile != "oculus15") return;
            foreach (FaceBinding each in FaceMap.Build("arkit52", FaceNames.Arkit, shapes).Bindings)
                if (!Map.Drives(each.Shape)) _emotion[each.Channel] = each.Shape;
        }

        /// <summary>Names of a mesh's shapes.</summary>
        public static string[] ShapesOf(Mesh mesh)
        {
            string[] shapes = new string[mesh.blendShapeCount];
            for (int shape = 0; shape < shapes.Length; shape++) shapes[shape] = mesh.GetBlendShapeName(shape);
            return shapes;
        }

        public SkinnedMeshRenderer Renderer { get; }

        /// <summary>The mesh that the shapes were looked up on.</summary>
        public Mesh Mesh { get; }
        public IReadOnlyList<string> Shapes { get; }
        public FaceMap Map { get; }

        /// <summary>Write weights 0..1 of the channels.</summary>
        public void Write(float[] weights, float strength)
        {
            if (Renderer == null || Renderer.sharedMesh == null || Renderer.sharedMesh.blendShapeCount != _values.Length) return;
            Map.Apply(weights, _values);
            for (int shape = 0; shape < _values.Length; shape++)
            {
                bool feels = _felt[shape] > 0;
                if (!feels && !Map.Drives(shape) && !(_written[shape] > 0)) continue;
                float value = Mathf.Clamp01(_values[shape] * strength + _felt[shape]);
                _written[shape] = value;
                // An Animator that has curves for these shapes writes them before this every frame: what counts is what is there.
                float there = Renderer.GetBlendShapeWeight(shape), wanted = value * _scale[shape];
                if (Math.Abs(wanted - there) < Least * _scale[shape] && (value > 0 || there == 0)) continue;
                Renderer.SetBlendShapeWeight(shape, wanted);
            }
        }

        /// <summary>Show an emotion and blinks by the ARKit shapes that the mesh has besides its visemes.</summary>
        public void Feel(Emotion emotion, bool speaking, float lids)
        {
            for (int each = 0; each < _emotion.Length; each++)
            {
                if (_emotion[each] < 0) continue;
                bool lid = each == 0 || each == 7; // eyeBlinkLeft, eyeBlinkRight
                _felt[_emotion[each]] = lid ? lids : emotion.Weight(each, speaking);
            }
        }

        /// <summary>Put the shapes that are driven back to rest.</summary>
        public void Clear()
        {
            if (Renderer == null || Renderer.sharedMesh == null || Renderer.sharedMesh.blendShapeCount != _values.Length) return;
            for (int shape = 0; shape < _values.Length; shape++)
            {
                if (_written[shape] > 0) Renderer.SetBlendShapeWeight(shape, 0);
                _written[shape] = float.NaN;
            }
        }
    }
}
