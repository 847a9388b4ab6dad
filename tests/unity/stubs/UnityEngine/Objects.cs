// The part of UnityEngine that the package uses, written by hand from Unity's scripting reference, so that the package can be
// compiled and executed without Unity. Members that tests need and Unity has not are in the class World.
using System;
using System.Collections.Generic;

#pragma warning disable CS0660, CS0661
namespace UnityEngine
{
    [Flags]
    public enum HideFlags { None = 0, HideInHierarchy = 1, HideInInspector = 2, DontSaveInEditor = 4, NotEditable = 8, DontSaveInBuild = 16, DontUnloadUnusedAsset = 32, DontSave = 52, HideAndDontSave = 61 }

    public class Object
    {
        internal bool Gone;

        public virtual string name { get; set; } = "";
        public HideFlags hideFlags { get; set; }

        public static bool operator ==(Object a, Object b)
        {
            bool none = ReferenceEquals(a, null) || a.Gone, other = ReferenceEquals(b, null) || b.Gone;
            return none || other ? none == other : ReferenceEquals(a, b);
        }

        public static bool operator !=(Object a, Object b) => !(a == b);

        public static implicit operator bool(Object exists) => exists != null;

        public static void Destroy(Object obj) => World.Destroy(obj);

        public static void Destroy(Object obj, float t) => World.Destroy(obj);

        public static void DestroyImmediate(Object obj) => World.Destroy(obj);

#if UNITY_2023_1_OR_NEWER
        [Obsolete]
#endif
        public static T FindObjectOfType<T>() where T : Object => World.Find<T>();

#if UNITY_2023_1_OR_NEWER
        [Obsolete]
#endif
        public static T[] FindObjectsOfType<T>() where T : Object => World.FindAll<T>();

        public static T[] FindObjectsByType<T>(FindObjectsSortMode sortMode) where T : Object => World.FindAll<T>();

        public static T FindFirstObjectByType<T>() where T : Object => World.Find<T>();

        public int GetInstanceID() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject => Activator.CreateInstance<T>();
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; } = null!;
        public override string name { get => gameObject == null! ? "" : gameObject.name; set => gameObject.name = value; }
        public Transform transform => gameObject.transform;
        public string tag { get; set; } = "Untagged";

        public T GetComponent<T>() => gameObject.GetComponent<T>();

        public bool TryGetComponent<T>(out T component) => gameObject.TryGetComponent(out component);

        public T GetComponentInParent<T>()
        {
            for (Transform each = transform; each != null; each = each.parent)
            {
                T found = each.gameObject.GetComponent<T>();
                if (found != null) return found;
            }
            return default!;
        }

        public T GetComponentInChildren<T>() => gameObject.GetComponentInChildren<T>(false);

        public T GetComponentInChildren<T>(bool includeInactive) => gameObject.GetComponentInChildren<T>(includeInactive);

        public T[] GetComponentsInChildren<T>() => gameObject.GetComponentsInChildren<T>(false);

        public T[] GetComponentsInChildren<T>(bool includeInactive) => gameObject.GetComponentsInChildren<T>(includeInactive);

        public void GetComponentsInChildren<T>(bool includeInactive, List<T> result) => gameObject.GetComponentsInChildren(includeInactive, result);

        public T[] GetComponents<T>() => gameObject.GetComponents<T>();
    }

    public class Behaviour : Component
    {
        bool _enabled = true;

        public bool enabled
        {
            get => _enabled;
            set
            {
                if (value == _enabled) return;
                _enabled = value;
                World.Enabled(this, value);
            }
        }

        public bool isActiveAndEnabled => _enabled && !Gone && gameObject.activeInHierarchy;
    }

    public class MonoBehaviour : Behaviour
    {
        public System.Threading.CancellationToken destroyCancellationToken => default;
    }

    public class Transform : Component
    {
        readonly List<Transform> _children = new List<Transform>();
        Transform _parent = null!;

        public Vector3 localPosition { get; set; }
        public Quaternion localRotation { get; set; } = Quaternion.identity;
        public Vector3 localScale { get; set; } = new Vector3(1, 1, 1);
        public int childCount => _children.Count;

        public Transform parent { get => _parent; set => SetParent(value, true); }

        public Vector3 position
        {
            get => _parent == null ? localPosition : _parent.position + _parent.rotation * localPosition;
            set => localPosition = _parent == null ? value : Quaternion.Inverse(_parent.rotation) * (value - _parent.position);
        }

        public Quaternion rotation
        {
            get => _parent == null ? localRotation : _parent.rotation * localRotation;
            set => localRotation = _parent == null ? value : Quaternion.Inverse(_parent.rotation) * value;
        }

        public Vector3 forward { get => rotation * new Vector3(0, 0, 1); set { } }

        public void SetParent(Transform p) => SetParent(p, true);

        public void SetParent(Transform p, bool worldPositionStays)
        {
            if (_parent != null) _parent._children.Remove(this);
            _parent = p;
            if (p != null) p._children.Add(this);
        }

        public Transform root => _parent == null ? this : _parent.root;

        public Transform GetChild(int index) => _children[index];

        public Transform Find(string n) => _children.Find(each => each.gameObject.name == n)!;

        public Vector3 InverseTransformDirection(Vector3 direction) => Quaternion.Inverse(rotation) * direction;

        public Vector3 InverseTransformPoint(Vector3 point) => Quaternion.Inverse(rotation) * (point - position);

        public Vector3 TransformPoint(Vector3 point) => position + rotation * point;

        public void LookAt(Vector3 worldPosition) { }

        public void LookAt(Transform target) { }

        public void Rotate(Vector3 eulers) => localRotation *= Quaternion.Euler(eulers);
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    public sealed class GameObject : Object
    {
        internal readonly List<Component> Components = new List<Component>();
        bool _active = true;

        public GameObject() : this("") { }

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
            Components.Add(transform);
            World.Objects.Add(this);
        }

        public GameObject(string name, params Type[] components) : this(name)
        {
            foreach (Type each in components) Add((Component)Activator.CreateInstance(each));
        }

        public Transform transform { get; }
        public int layer { get; set; }
        public string tag { get; set; } = "Untagged";
        public bool activeSelf => _active;
        public bool activeInHierarchy => _active && (transform.parent == null || transform.parent.gameObject.activeInHierarchy);

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            GameObject made = new GameObject(type.ToString());
            made.AddComponent<MeshFilter>();
            made.AddComponent<MeshRenderer>();
            made.AddComponent<Collider>();
            return made;
        }

        public static GameObject Find(string name) => World.Objects.Find(each => !each.Gone && each.name == name)!;

        public void SetActive(bool value)
        {
            if (value == _active) return;
            if (!value) World.Active(this, false);
            _active = value;
            if (value) World.Active(this, true);
        }

        public T AddComponent<T>() where T : Component
        {
            foreach (RequireComponent each in typeof(T).GetCustomAttributes(typeof(RequireComponent), true))
                if (!Components.Exists(there => !there.Gone && each.Type.IsInstanceOfType(there))) Add((Component)Activator.CreateInstance(each.Type));
            T made = Activator.CreateInstance<T>();
            Add(made);
            return made;
        }

        public Component AddComponent(Type componentType)
        {
            Component made = (Component)Activator.CreateInstance(componentType);
            Add(made);
            return made;
        }

        void Add(Component made)
        {
            made.gameObject = this;
            Components.Add(made);
            World.Added(made);
        }

        public T GetComponent<T>()
        {
            foreach (Component each in Components)
                if (!each.Gone && each is T found) return found;
            return default!;
        }

        public bool TryGetComponent<T>(out T component)
        {
            component = GetComponent<T>();
            return component != null;
        }

        public T GetComponentInChildren<T>() => GetComponentInChildren<T>(false);

        public T GetComponentInChildren<T>(bool includeInactive)
        {
            T[] all = GetComponentsInChildren<T>(includeInactive);
            return all.Length > 0 ? all[0] : default!;
        }

        public T[] GetComponentsInChildren<T>() => GetComponentsInChildren<T>(false);

        public T[] GetComponentsInChildren<T>(bool includeInactive)
        {
            List<T> all = new List<T>();
            Collect(transform, includeInactive, all);
            return all.ToArray();
        }

        public void GetComponentsInChildren<T>(bool includeInactive, List<T> result)
        {
            result.Clear();
            Collect(transform, includeInactive, result);
        }

        public T[] GetComponents<T>()
        {
            List<T> all = new List<T>();
            foreach (Component each in Components)
                if (!each.Gone && each is T found) all.Add(found);
            return all.ToArray();
        }

        static void Collect<T>(Transform from, bool inactive, List<T> into)
        {
            if (!inactive && !from.gameObject.activeInHierarchy) return;
            foreach (Component each in from.gameObject.Components)
                if (!each.Gone && each is T found) into.Add(found);
            for (int child = 0; child < from.childCount; child++) Collect(from.GetChild(child), inactive, into);
        }
    }
}
