// The part of glTFast that a sample uses: a file is loaded when it begins as one, and brings what the test says.
using System;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

namespace GLTFast
{
    public class ImportSettings { }

    public class GltfImport : IDisposable
    {
        public static Action<Transform> Scene = delegate { }; // for tests
        public static int Disposed;

        bool _loaded;

#if COMPANION_GLTFAST_7
        public Task<bool> LoadAsync(byte[] data, Uri uri = null!, ImportSettings importSettings = null!, CancellationToken cancellationToken = default)
#else
        public Task<bool> LoadGltfBinary(byte[] bytes, Uri uri = null!, ImportSettings importSettings = null!, CancellationToken cancellationToken = default)
#endif
        {
#if COMPANION_GLTFAST_7
            byte[] bytes = data;
#endif
            _loaded = bytes.Length >= 4 && bytes[0] == 'g' && bytes[1] == 'l' && bytes[2] == 'T' && bytes[3] == 'F';
            return Task.FromResult(_loaded);
        }

        public Task<bool> InstantiateMainSceneAsync(Transform parent, CancellationToken cancellationToken = default)
        {
            if (_loaded) Scene(parent);
            return Task.FromResult(_loaded);
        }

        public void Dispose() => Disposed++;
    }
}
