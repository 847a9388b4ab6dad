#nullable enable
using System;
using System.Collections.Generic;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;

namespace CompanionBridge
{
    /// <summary>
    /// A connection by System.Net.WebSockets, on threads of the pool. One send and one receive are in flight at a time;
    /// buffers are used again. For every platform but WebGL.
    /// </summary>
    public sealed class ClientWebSocketTransport : ITransport
    {
        const int MostQueuedBytes = 1 << 20;
        const int LargestMessage = 8 << 20; // from the server
        const int CloseMs = 250;

        readonly object _gate = new object();
        readonly Queue<ArraySegment<byte>> _queue = new Queue<ArraySegment<byte>>();
        readonly Stack<byte[]> _spare = new Stack<byte[]>();
        readonly CancellationTokenSource _gone = new CancellationTokenSource();
        readonly ClientWebSocket _socket = new ClientWebSocket();
        ITransportEvents? _events;
        bool _sending, _closing, _told;
        int _queued;

        public void Open(string url, string subprotocol, ITransportEvents events)
        {
            _events = events;
            Task.Run(() => Run(url, subprotocol));
        }

        public bool Send(byte[] buffer, int offset, int count)
        {
            lock (_gate)
            {
                if (_closing || _gone.IsCancellationRequested || _queued + count > MostQueuedBytes) return false;
                byte[] copy = _spare.Count > 0 && _spare.Peek().Length >= count ? _spare.Pop() : new byte[Math.Max(2048, count)];
                Buffer.BlockCopy(buffer, offset, copy, 0, count);
                _queue.Enqueue(new ArraySegment<byte>(copy, 0, count));
                _queued += count;
                if (_sending) return true;
                _sending = true;
            }
            Task.Run(Drain);
            return true;
        }

        public void Close()
        {
            lock (_gate)
            {
                if (_closing) return;
                _closing = true;
                _told = true;
                if (_sending) return; // Drain says goodbye after the last message
                _sending = true;
            }
            Task.Run(Drain);
        }

        public void Abort()
        {
            lock (_gate) _told = true;
            Drop();
        }

        void Drop()
        {
            _gone.Cancel();
            _socket.Abort();
        }

        async Task Run(string url, string subprotocol)
        {
            int code = 1006;
            string reason = "";
            try
            {
                _socket.Options.AddSubProtocol(subprotocol);
                _socket.Options.KeepAliveInterval = TimeSpan.Zero; // the protocol's own ping does this
                await _socket.ConnectAsync(new Uri(url), _gone.Token).ConfigureAwait(false);
                _events!.OnOpened(this);
                await Receive().ConfigureAwait(false);
                code = (int)(_socket.CloseStatus ?? (WebSocketCloseStatus)1005);
                reason = _socket.CloseStatusDescription ?? "";
            }
            catch (Exception error) when (Ordinary(error))
            {
                if (_socket.CloseStatus is { } status)
                {
                    code = (int)status;
                    reason = _socket.CloseStatusDescription ?? "";
                }
                else reason = error.Message;
            }
            Tell(code, reason);
            Drop();
        }

        async Task Receive()
        {
            byte[] buffer = new byte[1 << 16];
            int count = 0;
            while (true)
            {
                WebSocketReceiveResult got = await _socket.ReceiveAsync(new ArraySegment<byte>(buffer, count, buffer.Length - count), _gone.Token).ConfigureAwait(false);
                if (got.MessageType == WebSocketMessageType.Close) return;
                count += got.Count;
                if (got.EndOfMessage)
                {
                    // A text frame is no message of this subprotocol; it is passed on and fails to decode.
                    _events!.OnReceived(this, buffer, 0, count);
                    count = 0;
                }
                else if (count == buffer.Length)
                {
                    if (count >= LargestMessage) throw new WebSocketException("a message is larger than " + LargestMessage + " bytes");
                    Array.Resize(ref buffer, 2 * count);
                }
            }
        }

        async Task Drain()
        {
            try
            {
                while (true)
                {
                    ArraySegment<byte> next;
                    lock (_gate)
                    {
                        if (_queue.Count == 0)
                        {
                            _sending = false;
                            break;
                        }
                        next = _queue.Dequeue();
                        _queued -= next.Count;
                    }
                    await _socket.SendAsync(next, WebSocketMessageType.Binary, true, _gone.Token).ConfigureAwait(false);
                    lock (_gate)
                        if (_spare.Count < 16) _spare.Push(next.Array!);
                }
                if (_closing) await Goodbye().ConfigureAwait(false);
            }
            catch (Exception error) when (Ordinary(error))
            {
                Drop(); // the receiving side tells
            }
        }

        async Task Goodbye()
        {
            using CancellationTokenSource patience = new CancellationTokenSource(CloseMs);
            if (_socket.State == WebSocketState.Open || _socket.State == WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", patience.Token).ConfigureAwait(false);
            await Task.Delay(CloseMs, _gone.Token).ConfigureAwait(false);
            Drop();
        }

        void Tell(int code, string reason)
        {
            lock (_gate)
            {
                if (_told) return;
                _told = true;
            }
            _events!.OnClosed(this, code, reason);
        }

        // What a socket of any platform throws when a connection fails or is dropped.
        static bool Ordinary(Exception error) =>
            error is WebSocketException || error is OperationCanceledException || error is ObjectDisposedException || error is InvalidOperationException
            || error is System.IO.IOException || error is System.Net.WebException || error is System.Net.Sockets.SocketException || error is UriFormatException
            || error is ArgumentException || error is NotSupportedException || error is System.Security.Authentication.AuthenticationException
            || error is System.Net.Http.HttpRequestException;
    }
}
