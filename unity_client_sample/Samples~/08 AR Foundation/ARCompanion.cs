#nullable enable
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.XR.ARFoundation;
using UnityEngine.XR.ARSubsystems;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Puts a companion on a plane that the phone has found: a tap on the floor or a table places it, upright and facing the
    /// player; another tap moves it. A button that is held is the phone's push-to-talk. Put it on the object with the AR Raycast
    /// Manager (XR Origin).
    /// </summary>
    [RequireComponent(typeof(ARRaycastManager))]
    public sealed class ARCompanion : CompanionPart
    {
        [Tooltip("Height of the character's feet above its origin, m; below 0 for one whose origin is its hips.")]
        [SerializeField] float _lift;

        [Tooltip("Scale of the character on a plane that is no floor, such as a table.")]
        [SerializeField] float _onTable = 0.35f;

        [Tooltip("Planes lower than this below the phone are floors, m.")]
        [SerializeField] float _floorBelow = 0.9f;

        readonly List<ARRaycastHit> _hits = new List<ARRaycastHit>();
        ARRaycastManager? _rays;
        CompanionMicrophone? _microphone;
        bool _held;

        /// <summary>Whether the companion stands somewhere.</summary>
        public bool IsPlaced { get; private set; }

        protected override void OnEnable()
        {
            base.OnEnable();
            _rays = GetComponent<ARRaycastManager>();
        }

        protected override void OnDisable()
        {
            Hold(false);
            base.OnDisable();
        }

        protected override void Attached(Conversation conversation) => _microphone = Client!.GetComponentInChildren<CompanionMicrophone>(true);

        /// <summary>Place the companion where a ray through this pixel meets a plane; false when it meets none.</summary>
        public bool Place(Vector2 pixel)
        {
            Camera camera = Camera.main;
            if (Client == null || camera == null || _rays == null || !_rays.Raycast(pixel, _hits, TrackableType.PlaneWithinPolygon)) return false;
            Pose where = _hits[0].pose; // the nearest comes first
            Transform companion = Client.transform;
            bool floor = camera.transform.position.y - where.position.y > _floorBelow;
            float scale = floor ? 1 : _onTable;
            companion.localScale = new Vector3(scale, scale, scale);
            companion.position = where.position + new Vector3(0, _lift * scale, 0);
            Vector3 way = camera.transform.position - where.position;
            companion.rotation = Quaternion.Euler(0, Mathf.Atan2(way.x, way.z) * Mathf.Rad2Deg, 0);
            if (!Client.gameObject.activeSelf) Client.gameObject.SetActive(true);
            IsPlaced = true;
            return true;
        }

        // IMGUI takes touches with either input system, and no package.
        void OnGUI()
        {
            Event now = Event.current;
            Rect button = new Rect(Screen.width * 0.25f, Screen.height - 160, Screen.width * 0.5f, 120);
            bool held = IsPlaced && GUI.RepeatButton(button, "Hold: talk");
            // A repeat button tells how it stands when it is painted; at other events it says no although it is held.
            if (now != null && now.type == EventType.Repaint) Hold(held);
            if (!IsPlaced) GUI.Label(new Rect(24, 24, Screen.width - 48, 80), "Move the phone until it has found the floor, then tap it.");
            if (now == null || now.type != EventType.MouseDown || (IsPlaced && button.Contains(now.mousePosition))) return;
            // IMGUI counts from the top, rays from the bottom.
            Place(new Vector2(now.mousePosition.x, Screen.height - now.mousePosition.y));
        }

        void Hold(bool held)
        {
            if (held == _held || _microphone == null) return;
            _held = held;
            if (held) _microphone.Press();
            else _microphone.Release();
        }
    }
}
