#nullable enable
using UnityEngine;
using UnityEngine.XR.ARFoundation;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Lights the companion as the room is lit: brightness, colour and, where the phone estimates it, the direction of the main
    /// light. Put it on the scene's directional light and give it the AR Camera Manager, whose light estimation must be on.
    /// </summary>
    [RequireComponent(typeof(Light))]
    public sealed class RoomLight : MonoBehaviour
    {
        const float Ease = 0.1f; // of a new estimate; they jump

        [SerializeField] ARCameraManager? _camera;

        [Tooltip("Intensity of the light in a room of average brightness.")]
        [SerializeField] float _intensity = 1;

        Light? _light;

        public ARCameraManager? Camera
        {
            get => _camera;
            set
            {
                Leave();
                _camera = value;
                if (isActiveAndEnabled) Follow();
            }
        }

        void OnEnable()
        {
            _light = GetComponent<Light>();
            Follow();
        }

        void OnDisable() => Leave();

        void Follow()
        {
            if (_camera != null) _camera.frameReceived += Frame;
        }

        void Leave()
        {
            if (_camera != null) _camera.frameReceived -= Frame;
        }

        void Frame(ARCameraFrameEventArgs arguments)
        {
            ARLightEstimationData told = arguments.lightEstimation;
            Light light = _light!;
            // The main light is the better estimate; not every phone, and not the front camera, has it.
            float? brightness = told.averageMainLightBrightness ?? told.averageBrightness;
            if (brightness.HasValue) light.intensity += (brightness.Value * _intensity - light.intensity) * Ease;
            Color? colour = told.mainLightColor ?? told.colorCorrection;
            if (colour.HasValue) light.color = Color.Lerp(light.color, colour.Value, Ease);
            else if (told.averageColorTemperature.HasValue)
            {
                light.useColorTemperature = true;
                light.colorTemperature += (told.averageColorTemperature.Value - light.colorTemperature) * Ease;
            }
            if (told.mainLightDirection.HasValue) light.transform.rotation = Quaternion.LookRotation(told.mainLightDirection.Value);
        }
    }
}
