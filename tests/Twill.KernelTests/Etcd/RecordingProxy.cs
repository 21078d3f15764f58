using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Twill.KernelTests.Etcd;

/// <summary>Stands between etcdctl and a member, and keeps what each side says.</summary>
internal sealed class RecordingProxy : IDisposable
{
    public const int Port = 2400;

    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly Func<AddressFamily, Socket> _open;
    private readonly Socket _listener;
    private readonly int _target;

    public RecordingProxy(Func<AddressFamily, Socket> open, int target)
    {
        _open = open;
        _target = target;
        _listener = open(AddressFamily.InterNetwork);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen(8);
    }

    /// <summary>Runs something that talks through this proxy, on as many connections as it likes.</summary>
    /// <returns>The gRPC messages sent and received, in the order of their streams.</returns>
    public async Task<(IReadOnlyList<byte[]> Sent, IReadOnlyList<byte[]> Received)> RecordAsync(Action talk)
    {
        var connections = new List<Task<(List<byte[]> Sent, List<byte[]> Received)>>();
        using var end = new CancellationTokenSource();
        Task accepting = AcceptAsync(connections, end.Token);
        talk();
        await end.CancelAsync();
        await accepting;

        // What was opened to spare and never used.
        while (_listener.Poll(0, SelectMode.SelectRead)) _listener.Accept().Dispose();
        (List<byte[]> Sent, List<byte[]> Received)[] all = await Task.WhenAll(connections);
        return ([.. all.SelectMany(c => c.Sent)], [.. all.SelectMany(c => c.Received)]);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(List<Task<(List<byte[]> Sent, List<byte[]> Received)>> connections, CancellationToken end)
    {
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptAsync(end)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<(List<byte[]> Sent, List<byte[]> Received)> ServeAsync(Socket accepted)
    {
        using Socket client = accepted, server = _open(AddressFamily.InterNetwork);
        await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target));
        var sent = new MemoryStream();
        var received = new MemoryStream();
        await Task.WhenAll(PumpAsync(client, server, sent), PumpAsync(server, client, received));
        return (Messages(sent.ToArray().AsSpan(Math.Min(s_preface.Length, (int)sent.Length))), Messages(received.ToArray()));
    }

    private static async Task PumpAsync(Socket from, Socket to, MemoryStream copy)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and int count)
            {
                copy.Write(buffer, 0, count);
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // One side is gone; so is the other then.
            to.Close();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>The messages in the DATA frames. Source: RFC 9113, sections 4.1 and 6.1.</summary>
    private static List<byte[]> Messages(ReadOnlySpan<byte> frames)
    {
        var streams = new SortedDictionary<int, List<byte>>();
        while (frames.Length >= 9)
        {
            int length = (frames[0] << 16) | (frames[1] << 8) | frames[2];
            if (frames[3] == 0)
            {
                int stream = BinaryPrimitives.ReadInt32BigEndian(frames[5..]);
                if (!streams.TryGetValue(stream, out List<byte>? bytes)) streams[stream] = bytes = [];
                bytes.AddRange(frames.Slice(9, length));
            }

            frames = frames[(9 + length)..];
        }

        var messages = new List<byte[]>();
        foreach (List<byte> bytes in streams.Values)
        {
            for (int at = 0; at + 5 <= bytes.Count;)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(bytes.GetRange(at + 1, 4).ToArray());
                messages.Add([.. bytes.GetRange(at + 5, length)]);
                at += 5 + length;
            }
        }

        return messages;
    }
}
