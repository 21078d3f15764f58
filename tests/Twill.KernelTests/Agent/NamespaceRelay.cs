using System.Net;
using System.Net.Sockets;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Agent;

/// <summary>A port on the loopback of a namespace that leads to the same port on the loopback of this process: a server of this test, reached from a node.</summary>
internal sealed class NamespaceRelay : IAsyncDisposable
{
    private const int AF_INET = 2, SOCK_STREAM = 1, IPPROTO_TCP = 6;

    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly List<Task> _pumps = [];
    private readonly Socket _listener;
    private readonly Task _accepting;
    private readonly IPEndPoint _end;

    internal NamespaceRelay(NetworkNamespace network, int port)
    {
        _end = new IPEndPoint(IPAddress.Loopback, port);
        Descriptor descriptor = network.OpenSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

        // The socket owns the descriptor from here on.
        _listener = new Socket(new SafeSocketHandle(descriptor.Number, ownsHandle: true));
        _listener.Bind(_end);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        lock (_lock)
        {
            foreach (Socket socket in _open) socket.Dispose();
        }

        await Task.WhenAll(_pumps);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            lock (_lock) _open.AddRange([near, far]);
            _pumps.Add(BothWaysAsync(near, far));
        }
    }

    /// <summary>Until one of them ends; then the other does.</summary>
    private async Task BothWaysAsync(Socket near, Socket far)
    {
        try
        {
            await far.ConnectAsync(_end);
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (SocketException)
        {
            // The server is away: so is this connection.
        }

        near.Dispose();
        far.Dispose();
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int n; (n = await from.ReceiveAsync(buffer)) > 0;)
            {
                for (int sent = 0; sent < n;) sent += await to.SendAsync(buffer.AsMemory(sent, n - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut: the caller closes both.
        }
    }
}
