// The part of the package Timeline that a sample uses.
using System;
using System.Collections.Generic;
using UnityEngine.Playables;

namespace UnityEngine.Timeline
{
    [Flags]
    public enum NotificationFlags : short { TriggerInEditMode = 1, Retroactive = 2, TriggerOnce = 4 }

    public interface INotificationOptionProvider
    {
        NotificationFlags flags { get; }
    }

    public interface IMarker
    {
        double time { get; set; }
    }

    public abstract class Marker : ScriptableObject, IMarker
    {
        public double time { get; set; }
    }

    public class MarkerTrack
    {
        public readonly List<IMarker> Markers = new List<IMarker>();

        public T CreateMarker<T>(double time) where T : ScriptableObject, IMarker
        {
            T made = ScriptableObject.CreateInstance<T>();
            made.time = time;
            Markers.Add(made);
            return made;
        }
    }

    public class TimelineAsset : PlayableAsset
    {
        public MarkerTrack markerTrack { get; private set; } = null!;

        public void CreateMarkerTrack() => markerTrack ??= new MarkerTrack();
    }
}
