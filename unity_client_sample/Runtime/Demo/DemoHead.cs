#nullable enable
using UnityEngine;

namespace CompanionBridge.Demo
{
    /// <summary>
    /// Puts the head that is made in code on the renderer beside it, in the editor and in builds. Neither the mesh nor the
    /// texture is saved with the scene; all heads share them.
    /// </summary>
    [ExecuteAlways]
    [DisallowMultipleComponent]
    [RequireComponent(typeof(SkinnedMeshRenderer))]
    [DefaultExecutionOrder(-1000)]
    [AddComponentMenu("Companion/Demo Head")]
    public sealed class DemoHead : MonoBehaviour
    {
        const float FullWeight = 100;
        const int TextureSize = 512;
        const string MeshName = "Demo Head (made in code)";

        // Where a build has the shader of its pipeline; the editor's menu gives a material that is sure to be there.
        static readonly string[] Shaders = { "Universal Render Pipeline/Lit", "HDRP/Lit", "Standard", "Mobile/Diffuse" };

        [Tooltip("Material of the pipeline with the head's texture. The menu that makes the demo scene fills it in.")]
        [SerializeField] Material? _material;

        static Mesh? _mesh;
        static Texture2D? _texture;
        static Material? _fallback;

        // As after a domain reload; the mesh is found again on the renderers that show it.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void Reset()
        {
            _mesh = null;
            _texture = null;
            _fallback = null;
        }

        public Material? Material
        {
            get => _material;
            set
            {
                _material = value;
                Show();
            }
        }

        void OnEnable() => Show();

        void Show()
        {
            SkinnedMeshRenderer renderer = GetComponent<SkinnedMeshRenderer>();
            if (renderer == null) return;
            // After a domain reload the renderer still holds the mesh that the field has forgotten.
            if (_mesh == null && renderer.sharedMesh != null && renderer.sharedMesh.name == MeshName) _mesh = renderer.sharedMesh;
            renderer.sharedMesh = Mesh();
            renderer.localBounds = new Bounds(new Vector3(0, -0.03f, 0), new Vector3(0.26f, 0.36f, 0.32f));
            renderer.sharedMaterial = _material != null ? _material : Fallback();
        }

        /// <summary>The mesh; made on first use.</summary>
        public static Mesh Mesh()
        {
            if (_mesh != null) return _mesh;
            HeadMesh head = new HeadMesh();
            Mesh mesh = new Mesh { name = MeshName, hideFlags = HideFlags.HideAndDontSave };
            Vector2[] uv = new Vector2[head.Vertices.Length];
            for (int at = 0; at < uv.Length; at++) uv[at] = new Vector2(head.Uv[2 * at], head.Uv[2 * at + 1]);
            mesh.vertices = Vectors(head.Vertices);
            mesh.normals = Vectors(head.Normals);
            mesh.uv = uv;
            mesh.triangles = head.Triangles;
            foreach (HeadShape shape in head.Shapes) mesh.AddBlendShapeFrame(shape.Name, FullWeight, Vectors(shape.Moves), Vectors(shape.Normals), null);
            mesh.RecalculateBounds();
            _mesh = mesh;
            return mesh;
        }

        /// <summary>The texture; made on first use.</summary>
        public static Texture2D Texture()
        {
            if (_texture != null) return _texture;
            _texture = Paint();
            _texture.hideFlags = HideFlags.HideAndDontSave;
            return _texture;
        }

        /// <summary>A texture of one's own, to be saved.</summary>
        public static Texture2D Paint()
        {
            Texture2D texture = new Texture2D(TextureSize, TextureSize, TextureFormat.RGBA32, true) { name = "Demo Head" };
            texture.SetPixelData(HeadPaint.Paint(TextureSize), 0);
            texture.Apply(true);
            return texture;
        }

        static Material? Fallback()
        {
            if (_fallback != null) return _fallback;
            foreach (string name in Shaders)
            {
                Shader shader = Shader.Find(name);
                if (shader == null) continue;
                _fallback = new Material(shader) { name = "Demo Head", hideFlags = HideFlags.HideAndDontSave, mainTexture = Texture() };
                return _fallback;
            }
            return null;
        }

        static Vector3[] Vectors(Point3[] points)
        {
            Vector3[] vectors = new Vector3[points.Length];
            for (int at = 0; at < points.Length; at++) vectors[at] = new Vector3(points[at].X, points[at].Y, points[at].Z);
            return vectors;
        }
    }
}
