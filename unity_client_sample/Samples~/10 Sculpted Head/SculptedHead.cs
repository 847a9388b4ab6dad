#nullable enable
using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using GLTFast;
using UnityEngine;
using UnityEngine.Networking;

namespace CompanionBridge.Samples
{
    /// <summary>
    /// Wears the head that the companion's identity has: a glTF file of 3 MB, which the bridge serves, with ARKit's 52 shapes and
    /// bones for neck, head and eyes. The Companion Face finds its meshes by itself. Where an identity has none, or it cannot be
    /// fetched, what stood here before stays.
    /// </summary>
    public sealed class SculptedHead : CompanionPart
    {
        const ulong MostBytes = 32 << 20;

        [Tooltip("Hidden while a head is worn.")]
        [SerializeField] List<GameObject> _instead = new List<GameObject>();

        UnityWebRequest? _request;
        GltfImport? _import;
        GameObject? _worn;
        string _path = "";

        public List<GameObject> Instead => _instead;

        /// <summary>The head that is worn; null while there is none.</summary>
        public GameObject? Worn => _worn;

        protected override void Attached(Conversation conversation)
        {
            // The meshes come after the server was asked for a face: what they will show is known.
            Client!.Profile = FaceProfile.Arkit52;
            conversation.Welcomed += Welcomed;
            conversation.IdentityChanged += Show;
        }

        protected override void Detached(Conversation conversation)
        {
            conversation.Welcomed -= Welcomed;
            conversation.IdentityChanged -= Show;
        }

        void OnDestroy() => TakeOff();

        void Welcomed(Welcome welcome) => Show(welcome.Identity);

        void Show(Identity who)
        {
            if (who.Head == _path) return;
            TakeOff();
            _path = who.Head;
            if (_path.Length == 0) return;
            UnityWebRequest request = UnityWebRequest.Get(CompanionIdentity.Address(Client!.Url, _path));
            if (Client.Token.Length > 0) request.SetRequestHeader("Authorization", "Bearer " + Client.Token);
            request.timeout = 60;
            _request = request;
            string refused = CompanionIdentity.Send(request, () => Fetched(request));
            if (refused.Length == 0) return;
            _request = null;
            request.Dispose();
            Debug.LogWarning("[Companion] The head is not fetched: " + refused, this);
        }

        async void Fetched(UnityWebRequest request)
        {
            if (request != _request) return;
            _request = null;
            bool good = request.result == UnityWebRequest.Result.Success && request.downloadedBytes <= MostBytes;
            byte[] bytes = good ? request.downloadHandler.data : Array.Empty<byte>();
            string problem = good ? "" : request.error;
            request.Dispose();
            try
            {
                if (good && !await PutOn(bytes)) problem = "it is no glTF file that can be shown";
            }
            catch (Exception error)
            {
                problem = error.Message;
            }
            if (problem.Length > 0) Debug.LogWarning("[Companion] The head could not be put on: " + problem, this);
        }

        async Task<bool> PutOn(byte[] bytes)
        {
            GltfImport import = new GltfImport();
            GameObject made = new GameObject("Sculpted Head");
            made.transform.SetParent(Client!.transform, false);
#if COMPANION_GLTFAST_7
            bool shown = await import.LoadAsync(bytes) && await import.InstantiateMainSceneAsync(made.transform);
#else
            bool shown = await import.LoadGltfBinary(bytes) && await import.InstantiateMainSceneAsync(made.transform);
#endif
            // Meanwhile the game may have left the scene.
            if (!shown || this == null)
            {
                import.Dispose();
                if (made != null) Destroy(made);
                return shown;
            }
            _import = import;
            _worn = made;
            foreach (GameObject each in _instead) each.SetActive(false);
            CompanionGaze gaze = Client!.GetComponentInChildren<CompanionGaze>();
            if (gaze == null) return true;
            foreach (Transform each in made.GetComponentsInChildren<Transform>(true))
            {
                if (each.name == "head") gaze.Head = each;
                else if (each.name == "leftEye") gaze.LeftEye = each;
                else if (each.name == "rightEye") gaze.RightEye = each;
            }
            return true;
        }

        void TakeOff()
        {
            UnityWebRequest? request = _request;
            _request = null;
            if (request != null)
            {
                request.Abort();
                request.Dispose();
            }
            if (_worn != null)
            {
                Destroy(_worn);
                foreach (GameObject each in _instead)
                    if (each != null) each.SetActive(true);
            }
            _worn = null;
            _import?.Dispose();
            _import = null;
            _path = "";
        }
    }
}
