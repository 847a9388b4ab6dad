// Requests, as far as the portrait is fetched by one: nothing is sent, the test says what comes back.
using System;

namespace UnityEngine.Networking
{
    public abstract class DownloadHandler
    {
        public byte[] data { get; set; } = Array.Empty<byte>();
    }

    public sealed class DownloadHandlerBuffer : DownloadHandler { }

    public sealed class DownloadHandlerTexture : DownloadHandler
    {
        public static Texture2D GetContent(UnityWebRequest www) => new Texture2D(4, 4, TextureFormat.RGBA32, false);
    }

    public sealed class UnityWebRequestAsyncOperation : AsyncOperation { }

    public class UnityWebRequest : IDisposable
    {
        public enum Result { InProgress, Success, ConnectionError, ProtocolError, DataProcessingError }

        public static UnityWebRequest Last = null!;

        /// <summary>Stands for the project's "Allow downloads over HTTP".</summary>
        public static bool PlainAllowed = true;

        public readonly UnityWebRequestAsyncOperation Operation = new UnityWebRequestAsyncOperation();
        public string Header = "";
        public bool Gone;

        public UnityWebRequest(string url)
        {
            this.url = url;
            Last = this;
        }

        public static UnityWebRequest Get(string uri) => new UnityWebRequest(uri);

        public DownloadHandler downloadHandler { get; set; } = new DownloadHandlerBuffer();
        public string url { get; set; }
        public string error { get; set; } = "";
        public int timeout { get; set; }
        public ulong downloadedBytes { get; set; }
        public Result result { get; set; }

        public void SetRequestHeader(string name, string value) => Header = name + ": " + value;

        public UnityWebRequestAsyncOperation SendWebRequest() =>
            PlainAllowed || !url.StartsWith("http:") ? Operation : throw new InvalidOperationException("Insecure connection not allowed");

        public void Abort() => Gone = true;

        public void Dispose() => Gone = true;
    }

    public static class UnityWebRequestTexture
    {
        public static UnityWebRequest GetTexture(string uri, bool nonReadable) => new UnityWebRequest(uri);
    }
}
