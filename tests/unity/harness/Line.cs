// A socket of which the program is the other end.
using System.Collections.Generic;
using CompanionBridge;

/// The server's end of a connection.
public sealed class Line : ITransport
{
    public readonly Queue<Value> Sent = new Queue<Value>();
    ITransportEvents _events;

    public void Open(string url, string subprotocol, ITransportEvents events) { _events = events; }

    public bool Send(byte[] buffer, int offset, int count)
    {
        MessagePackReader reader = new MessagePackReader();
        reader.Reset(buffer, offset, count);
        Sent.Enqueue(Value.Read(reader));
        return true;
    }

    public void Close() { }

    public void Abort() { }

    public void Opens() { _events.OnOpened(this); }

    public void Ends() { _events.OnClosed(this, 1006, ""); }

    public void Says(Value message)
    {
        MessagePackWriter writer = new MessagePackWriter();
        message.Write(writer);
        byte[] bytes = writer.ToArray();
        _events.OnReceived(this, bytes, 0, bytes.Length);
    }
}
