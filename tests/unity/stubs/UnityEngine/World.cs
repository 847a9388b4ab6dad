// What calls the components: a scene, its frames and its sound, as tests want them.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace UnityEngine
{
    public static class World
    {
        sealed class Calls
        {
            public MonoBehaviour Of = null!;
            public int Order;
            public bool Started, Enabled;
            public Action Start = null!, Update = null!, LateUpdate = null!;
            public Action<float[], int> Filter = null!;
        }

        public static readonly List<string> Logged = new List<string>();
        public static readonly List<string> MicrophoneNames = new List<string> { "Test microphone" };
        public static readonly HashSet<KeyCode> Pressed = new HashSet<KeyCode>(), Released = new HashSet<KeyCode>();
        public static readonly Dictionary<(Mesh, int), Vector3[]> Deltas = new Dictionary<(Mesh, int), Vector3[]>();
        public static NetworkReachability Reachability = NetworkReachability.ReachableViaLocalAreaNetwork;
        public static bool Authorized = true;
        public static int MicrophoneRate = 48000, MicrophonePosition;
        public static AudioClip MicrophoneClip = null!;
        public static int MicrophoneStarts; // how often one was opened
        public static string MicrophoneName = null!; // the one that was opened last; null: the default
        public static bool MicrophoneWorks = true, MicrophoneDies; // dies: it starts and records nothing
        internal static readonly List<GameObject> Objects = new List<GameObject>();
        static readonly List<Calls> All = new List<Calls>();
        static readonly List<Object> Doomed = new List<Object>();

        /// <summary>How often the shapes of a mesh were written.</summary>
        public static int Writes(SkinnedMeshRenderer renderer) => renderer.Writes;

        public static void Clear()
        {
            foreach (GameObject each in Objects.ToArray()) Kill(each);
            Objects.Clear();
            All.Clear();
            Logged.Clear();
            MicrophoneClip = null!;
            MicrophoneStarts = 0;
            MicrophoneName = null!;
            MicrophoneWorks = true;
            MicrophoneDies = false;
            MicrophoneNames.Clear();
            MicrophoneNames.Add("Test microphone");
            Reachability = NetworkReachability.ReachableViaLocalAreaNetwork;
            Authorized = true;
        }

        public static T Find<T>() where T : Object
        {
            foreach (GameObject each in Objects)
            {
                if (each.Gone) continue;
                foreach (Component part in each.Components)
                    if (!part.Gone && part is T found) return found;
            }
            return null!;
        }

        public static T[] FindAll<T>() where T : Object => Objects.Where(each => !each.Gone).SelectMany(each => each.Components).Where(part => !part.Gone).OfType<T>().ToArray();

        internal static void Log(string kind, object message) => Logged.Add(kind + ": " + message);

        // ---------------------------------------------------------------- life of components

        internal static void Added(Component made)
        {
            if (!(made is MonoBehaviour behaviour)) return;
            DefaultExecutionOrder order = (DefaultExecutionOrder)Attribute.GetCustomAttribute(made.GetType(), typeof(DefaultExecutionOrder), true);
            Calls calls = new Calls
            {
                Of = behaviour, Order = order?.order ?? 0, Start = Bind(behaviour, "Start"), Update = Bind(behaviour, "Update"), LateUpdate = Bind(behaviour, "LateUpdate"),
                Filter = (Action<float[], int>)Bind(behaviour, "OnAudioFilterRead", typeof(Action<float[], int>)),
            };
            int at = All.FindIndex(each => each.Order > calls.Order);
            All.Insert(at < 0 ? All.Count : at, calls);
            Call(behaviour, "Awake");
            if (behaviour.isActiveAndEnabled) Enable(calls, true);
        }

        static void Enable(Calls calls, bool on)
        {
            if (calls.Enabled == on) return;
            calls.Enabled = on;
            Call(calls.Of, on ? "OnEnable" : "OnDisable");
        }

        internal static void Enabled(Behaviour behaviour, bool on)
        {
            if (behaviour is AudioSource source && !on) source.isPlaying = false;
            Calls calls = All.Find(each => ReferenceEquals(each.Of, behaviour));
            if (calls != null && behaviour.gameObject.activeInHierarchy) Enable(calls, on);
        }

        internal static void Active(GameObject root, bool on)
        {
            foreach (Calls each in All.ToArray())
            {
                Transform up = each.Of.transform;
                while (up != null && !ReferenceEquals(up.gameObject, root)) up = up.parent;
                if (up != null && each.Of.enabled && (!on || each.Of.gameObject.activeInHierarchy)) Enable(each, on);
            }
        }

        internal static void Destroy(Object obj)
        {
            if (obj is Behaviour part) foreach (Calls each in All.Where(each => ReferenceEquals(each.Of, part)).ToArray()) Enable(each, false);
            if (obj is GameObject || obj is Component) Doomed.Add(obj);
            else obj.Gone = true;
        }

        static void Kill(Object obj)
        {
            if (obj is GameObject whole)
            {
                for (int child = whole.transform.childCount - 1; child >= 0; child--) Kill(whole.transform.GetChild(child).gameObject);
                foreach (Component each in whole.Components.ToArray()) Kill(each);
                whole.transform.SetParent(null!);
                Objects.Remove(whole);
            }
            else if (obj is MonoBehaviour behaviour)
            {
                Calls calls = All.Find(each => ReferenceEquals(each.Of, behaviour));
                if (calls == null) return;
                Enable(calls, false);
                Call(behaviour, "OnDestroy");
                All.Remove(calls);
            }
            if (obj is Component part && !(obj is Transform)) part.gameObject.Components.Remove(part);
            obj.Gone = true;
        }

        /// <summary>Call a message method on every component that has it.</summary>
        public static void Send(string message, params object[] arguments)
        {
            foreach (Calls each in All.ToArray())
                if (!each.Of.Gone) Call(each.Of, message, arguments);
        }

        /// <summary>A play begins in an editor that keeps the domain: what was static still is, but for what puts itself back.</summary>
        public static void EnterPlay()
        {
            foreach (Assembly each in AppDomain.CurrentDomain.GetAssemblies().Where(each => each.GetReferencedAssemblies().Any(used => used.Name == typeof(World).Assembly.GetName().Name)))
                foreach (MethodInfo method in each.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)))
                    if (method.IsDefined(typeof(RuntimeInitializeOnLoadMethodAttribute), false)) method.Invoke(null, null);
        }

        // ---------------------------------------------------------------- frames and sound

        public static void Frame()
        {
            for (int index = 0; index < All.Count; index++)
            {
                Calls each = All[index];
                if (each.Started || !each.Of.isActiveAndEnabled) continue;
                each.Started = true;
                each.Start?.Invoke();
            }
            for (int index = 0; index < All.Count; index++)
                if (All[index].Update != null && All[index].Of.isActiveAndEnabled) All[index].Update();
            for (int index = 0; index < All.Count; index++)
                if (All[index].LateUpdate != null && All[index].Of.isActiveAndEnabled) All[index].LateUpdate();
            for (int index = 0; index < Doomed.Count; index++) Kill(Doomed[index]);
            Doomed.Clear();
        }

        /// <summary>The mixer asks every playing source for a block; the last one's is left in <paramref name="data"/>.</summary>
        public static bool Sound(float[] data, int channels)
        {
            bool any = false;
            for (int index = 0; index < All.Count; index++)
            {
                Calls each = All[index];
                if (each.Filter == null || !each.Of.isActiveAndEnabled) continue;
                AudioSource source = Source(each.Of.gameObject);
                if (source == null || !source.isPlaying || (AudioListener.pause && !source.ignoreListenerPause)) continue;
                for (int sample = 0; sample < data.Length; sample++) data[sample] = source.volume * source.clip.Data[sample / channels % source.clip.samples];
                each.Filter(data, channels);
                any = true;
            }
            return any;
        }

        static AudioSource Source(GameObject of)
        {
            for (int index = 0; index < of.Components.Count; index++)
                if (of.Components[index] is AudioSource found && !found.Gone) return found;
            return null!;
        }

        /// <summary>Another output device: Unity stops every source and tells.</summary>
        public static void ChangeDevice(int rate, int block, int count)
        {
            foreach (GameObject each in Objects)
                foreach (Component part in each.Components)
                    if (part is AudioSource source) source.isPlaying = false;
            AudioSettings.outputSampleRate = rate;
            AudioSettings.Length = block;
            AudioSettings.Count = count;
            AudioSettings.Raise(true);
        }

        // ---------------------------------------------------------------- the microphone

        internal static AudioClip StartMicrophone(string name, int seconds, int rate)
        {
            MicrophoneStarts++;
            MicrophoneName = name;
            if (!MicrophoneWorks) return null!;
            MicrophonePosition = 0;
            MicrophoneClip = AudioClip.Create("Microphone", seconds * rate, 1, rate, false);
            return MicrophoneClip;
        }

        internal static void EndMicrophone() => MicrophoneClip = null!;

        /// <summary>The microphone hears.</summary>
        public static void Hear(float[] samples)
        {
            if (MicrophoneClip == null) return;
            foreach (float each in samples)
            {
                MicrophoneClip.Data[MicrophonePosition] = each;
                MicrophonePosition = (MicrophonePosition + 1) % MicrophoneClip.samples;
            }
        }

        // ---------------------------------------------------------------- reflection

        static MethodInfo Method(Type type, string name)
        {
            for (Type each = type; each != null; each = each.BaseType)
            {
                MethodInfo found = each.GetMethod(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
                if (found != null) return found;
            }
            return null!;
        }

        static Action Bind(MonoBehaviour of, string name) => (Action)Bind(of, name, typeof(Action));

        static Delegate Bind(MonoBehaviour of, string name, Type kind)
        {
            MethodInfo found = Method(of.GetType(), name);
            return found == null ? null! : Delegate.CreateDelegate(kind, of, found);
        }

        static void Call(MonoBehaviour of, string name, params object[] arguments)
        {
            try
            {
                Method(of.GetType(), name)?.Invoke(of, arguments);
            }
            catch (TargetInvocationException error)
            {
                Log("exception", error.InnerException!);
            }
        }
    }
}
