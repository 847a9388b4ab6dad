#nullable enable
#if UNITY_WEBGL && !UNITY_EDITOR
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using UnityEngine;

namespace CompanionBridge
{
    /// <summary>A connection by the browser's WebSocket, polled once a frame.</summary>
    public sealed class WebGLTransport : ITransport
    {
        [DllImport("__Internal")] static extern int CompanionSocketOpen(string url, string protocol);
        [DllImport("__Internal")] static extern int CompanionSocketIsOpen(int id);
        [DllImport("__Internal")] static extern int CompanionSocketClosed(int id);
        [DllImport("__Internal")] static extern int CompanionSocketReason(int id, byte[] into, int most);
        [DllImport("__Internal")] static extern int CompanionSocketReceive(int id, byte[] into, int most);
        [DllImport("__Internal")] static extern int CompanionSocketSend(int id, byte[] from, int count);
        [DllImport("__Internal")] static extern void CompanionSocketClose(int id);

        static readonly List<WebGLTransport> Live = new List<WebGLTransport>();
        static byte[] _buffer = new byte[1 << 16];

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void Reset() => Live.Clear();

        ITransportEvents? _events;
        byte[] _copy = new byte[2048];
        int _id;
        bool _opened;

        /// <summary>Deliver what came since the last call; once a frame.</summary>
        public static void PollAll()
        {
            for (int index = Live.Count - 1; index >= 0; index--) Live[index].Poll();
        }

        public void Open(string url, string subprotocol, ITransportEvents events)
        {
            _events = events;
            _id = CompanionSocketOpen(url, subprotocol);
            Live.Add(this);
        }

        public bool Send(byte[] buffer, int offset, int count)
        {
            if (_copy.Length < count) _copy = new byte[2 * count];
            Buffer.BlockCopy(buffer, offset, _copy, 0, count);
            return CompanionSocketSend(_id, _copy, count) == 1;
        }

        public void Close() => Abort();

        public void Abort()
        {
            if (Live.Remove(this)) CompanionSocketClose(_id);
        }

        void Poll()
        {
            if (!_opened && CompanionSocketIsOpen(_id) == 1)
            {
                _opened = true;
                _events!.OnOpened(this);
            }
            for (int count = CompanionSocketReceive(_id, _buffer, _buffer.Length); count > 0 && Live.Contains(this); count = CompanionSocketReceive(_id, _buffer, _buffer.Length))
            {
                if (count > _buffer.Length) _buffer = new byte[2 * count];
                else _events!.OnReceived(this, _buffer, 0, count);
            }
            int code = Live.Contains(this) ? CompanionSocketClosed(_id) : 0;
            if (code == 0) return;
            byte[] reason = new byte[256];
            int length = CompanionSocketReason(_id, reason, reason.Length);
            Live.Remove(this);
            _events!.OnClosed(this, code, Encoding.UTF8.GetString(reason, 0, length));
        }
    }
}
#endif
