// Canvases, playables and poses, as far as the samples use them.
using System.Collections.Generic;

namespace UnityEngine
{
    public enum RenderMode { ScreenSpaceOverlay, ScreenSpaceCamera, WorldSpace }

    public sealed class Canvas : Behaviour
    {
        public RenderMode renderMode { get; set; }
    }

    public sealed class RectTransform : Transform
    {
        public Vector2 anchorMin { get; set; }
        public Vector2 anchorMax { get; set; }
        public Vector2 pivot { get; set; }
        public Vector2 anchoredPosition { get; set; }
        public Vector2 sizeDelta { get; set; }
    }

    public struct Pose
    {
        public Vector3 position;
        public Quaternion rotation;

        public Pose(Vector3 position, Quaternion rotation)
        {
            this.position = position;
            this.rotation = rotation;
        }
    }

    public struct PropertyName
    {
        public PropertyName(string name) { }
    }
}

namespace UnityEngine.Playables
{
    public interface INotification
    {
        PropertyName id { get; }
    }

    public interface INotificationReceiver
    {
        void OnNotify(Playable origin, INotification notification, object context);
    }

    public abstract class PlayableAsset : ScriptableObject { }

    public sealed class PlayableDirector : Behaviour
    {
        public PlayableAsset playableAsset { get; set; } = null!;
    }

    /// <summary>The root of a graph, for tests.</summary>
    public sealed class Root
    {
        public double Speed = 1;
    }

    public readonly struct PlayableGraph
    {
        readonly Root _root;

        internal PlayableGraph(Root root) { _root = root; }

        public Playable GetRootPlayable(int index) => new Playable(_root);
    }

    public readonly struct Playable
    {
        internal readonly Root Root;

        public Playable(Root root) { Root = root; }
    }

    public static class PlayableExtensions
    {
        public static PlayableGraph GetGraph(this Playable playable) => new PlayableGraph(playable.Root);
        public static bool IsValid(this Playable playable) => playable.Root != null;
        public static void SetSpeed(this Playable playable, double value) => playable.Root.Speed = value;
    }
}
