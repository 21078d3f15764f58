using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Twill.KernelTests.Harness;
using Twill.Linux.Netns;

namespace Twill.KernelTests.Callers;

/// <summary>Says "greetings" to everybody who connects in one namespace, until it is disposed.</summary>
internal sealed class GreetingServer : IDisposable
{
    private readonly Socket _listener;
    private readonly Thread _thread;

    internal GreetingServer(NetworkNamespace network, int port)
    {
        // A socket belongs to the namespace it was made in, whoever uses it.
        _listener = network.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen(16);
            return socket;
        });
        _thread = new Thread(Serve) { IsBackground = true, Name = "greeting server" };
        _thread.Start();
    }

    /// <summary>Connects from a namespace and listens, two seconds at most.</summary>
    /// <returns>What was heard; empty where nobody answered.</returns>
    internal static string Ask(NetworkNamespace from, string address, int port)
        => Command.RunIn(from, TinyImage.Busybox, ["nc", "-w", "2", address, port.ToString(CultureInfo.InvariantCulture)]).OutputText;

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using Socket peer = _listener.Accept();
                peer.Send("greetings"u8);
                peer.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the end.
        }
    }
}
