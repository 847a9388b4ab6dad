// The part of AR Foundation that a sample uses; tests say what rays meet and how a frame is lit.
using System;
using System.Collections.Generic;
using UnityEngine.XR.ARSubsystems;

namespace UnityEngine.XR.ARSubsystems
{
    [Flags]
    public enum TrackableType { None = 0, PlaneWithinPolygon = 1, PlaneWithinBounds = 2, PlaneWithinInfinity = 4, PlaneEstimated = 8 }
}

namespace UnityEngine.XR.ARFoundation
{
    [Flags]
    public enum LightEstimation { None = 0, AmbientIntensity = 1, AmbientColor = 2, AmbientSphericalHarmonics = 4, MainLightDirection = 8, MainLightIntensity = 16 }

    public struct ARRaycastHit
    {
        public ARRaycastHit(Pose pose) { this.pose = pose; }

        public Pose pose { get; }
    }

    public sealed class ARPlaneManager : MonoBehaviour { }

    public sealed class ARRaycastManager : MonoBehaviour
    {
        public readonly List<ARRaycastHit> Hits = new List<ARRaycastHit>(); // for tests

        public bool Raycast(Vector2 screenPoint, List<ARRaycastHit> hitResults, TrackableType trackableTypes = TrackableType.PlaneWithinPolygon)
        {
            hitResults.Clear();
            hitResults.AddRange(Hits);
            return Hits.Count > 0;
        }
    }

    public struct ARLightEstimationData
    {
        public float? averageBrightness { get; set; }
        public float? averageColorTemperature { get; set; }
        public Color? colorCorrection { get; set; }
        public float? averageMainLightBrightness { get; set; }
        public float? mainLightIntensityLumens { get; set; }
        public Color? mainLightColor { get; set; }
        public Vector3? mainLightDirection { get; set; }
    }

    public struct ARCameraFrameEventArgs
    {
        public ARLightEstimationData lightEstimation { get; set; }
    }

    public sealed class ARCameraManager : MonoBehaviour
    {
        public event Action<ARCameraFrameEventArgs> frameReceived = delegate { };

        public LightEstimation requestedLightEstimation { get; set; }

        public void Receive(ARCameraFrameEventArgs frame) => frameReceived(frame); // for tests
    }
}
