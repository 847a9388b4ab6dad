using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class Mesh : Object
    {
        readonly List<string> _shapes = new List<string>();
        readonly List<float> _full = new List<float>();

        public Vector3[] vertices { get; set; } = Array.Empty<Vector3>();
        public Vector3[] normals { get; set; } = Array.Empty<Vector3>();
        public Vector2[] uv { get; set; } = Array.Empty<Vector2>();
        public Color[] colors { get; set; } = Array.Empty<Color>();
        public int[] triangles { get; set; } = Array.Empty<int>();
        public int subMeshCount { get; set; } = 1;
        public int vertexCount => vertices.Length;
        public Bounds bounds { get; set; }
        public int blendShapeCount => _shapes.Count;

        public void SetVertices(List<Vector3> inVertices) => vertices = inVertices.ToArray();
        public void SetTriangles(int[] t, int submesh) { }
        public void SetTriangles(List<int> t, int submesh) { }
        public int[] GetTriangles(int submesh) => triangles;
        public void RecalculateNormals() { }
        public void RecalculateBounds() { }
        public void RecalculateTangents() { }

        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals, Vector3[] deltaTangents)
        {
            if (deltaVertices.Length != vertices.Length) throw new ArgumentException("a blend shape has as many vertices as its mesh");
            _shapes.Add(shapeName);
            _full.Add(frameWeight);
            World.Deltas[(this, _shapes.Count - 1)] = deltaVertices;
        }

        public string GetBlendShapeName(int shapeIndex) => _shapes[shapeIndex];
        public int GetBlendShapeIndex(string blendShapeName) => _shapes.IndexOf(blendShapeName);
        public int GetBlendShapeFrameCount(int shapeIndex) => 1;
        public float GetBlendShapeFrameWeight(int shapeIndex, int frameIndex) => _full[shapeIndex];

        public void GetBlendShapeFrameVertices(int shapeIndex, int frameIndex, Vector3[] deltaVertices, Vector3[] deltaNormals, Vector3[] deltaTangents) =>
            Array.Copy(World.Deltas[(this, shapeIndex)], deltaVertices, deltaVertices.Length);
    }

    public class Shader : Object
    {
        public static Shader Find(string name) => new Shader { name = name };
    }

    public class Material : Object
    {
        public Material(Shader shader) { this.shader = shader; }

        public Material(Material source) { shader = source.shader; }

        public Shader shader { get; set; }
        public Color color { get; set; }
        public int renderQueue { get; set; }
        public Texture mainTexture { get; set; } = null!;
        public bool HasProperty(string name) => true;
        public void SetColor(string name, Color value) { }
        public void SetFloat(string name, float value) { }
    }

    public class Renderer : Component
    {
        public Material sharedMaterial { get; set; } = null!;
        public Material material { get => sharedMaterial; set => sharedMaterial = value; }
        public Material[] sharedMaterials { get; set; } = Array.Empty<Material>();
        public bool enabled { get; set; } = true;
        public Bounds bounds { get; set; }
    }

    public sealed class MeshRenderer : Renderer { }

    public sealed class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; } = null!;
        public Mesh mesh { get => sharedMesh; set => sharedMesh = value; }
    }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        readonly float[] _weights = new float[512];

        internal int Writes;

        public Mesh sharedMesh { get; set; } = null!;
        public bool updateWhenOffscreen { get; set; }
        public Bounds localBounds { get; set; }
        public Transform rootBone { get; set; } = null!;
        public Transform[] bones { get; set; } = Array.Empty<Transform>();

        public float GetBlendShapeWeight(int index) => _weights[index];

        public void SetBlendShapeWeight(int index, float value)
        {
            Writes++;
            _weights[index] = value;
        }
    }

    public enum CameraClearFlags { Skybox = 1, SolidColor = 2, Depth = 3, Nothing = 4 }

    public sealed class Camera : Behaviour
    {
        public static Camera main => World.Find<Camera>();

        public CameraClearFlags clearFlags { get; set; }
        public Color backgroundColor { get; set; }
        public float fieldOfView { get; set; } = 60;
        public float nearClipPlane { get; set; } = 0.3f;
    }

    public enum LightType { Spot, Directional, Point, Area }

    public sealed class Light : Behaviour
    {
        public LightType type { get; set; }
        public float intensity { get; set; }
        public Color color { get; set; }
        public float range { get; set; }
        public bool useColorTemperature { get; set; }
        public float colorTemperature { get; set; } = 6570;
    }

    public enum TextAnchor { UpperLeft, UpperCenter, UpperRight, MiddleLeft, MiddleCenter, MiddleRight, LowerLeft, LowerCenter, LowerRight }

    public enum TextAlignment { Left, Center, Right }

    public class Font : Object
    {
        public Material material { get; set; } = new Material(new Shader());
    }

    public sealed class Resources
    {
        public static T GetBuiltinResource<T>(string path) where T : Object
        {
            // "Arial.ttf" throws since 2022.2.
            if (typeof(T) == typeof(Font) && path == "LegacyRuntime.ttf") return (T)(Object)new Font { name = path };
            throw new ArgumentException("no built-in resource " + path);
        }
    }

    [RequireComponent(typeof(MeshRenderer))]
    public sealed class TextMesh : Component
    {
        public string text { get; set; } = "";
        public Color color { get; set; }
        public float characterSize { get; set; }
        public int fontSize { get; set; }
        public TextAnchor anchor { get; set; }
        public TextAlignment alignment { get; set; }
        public Font font { get; set; } = null!;
    }
}
