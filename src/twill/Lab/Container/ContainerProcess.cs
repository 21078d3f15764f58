using System.Net;
using System.Net.Sockets;
using System.Text;
using Twill.Cli;
using Twill.Linux.Sys;

namespace Twill.Lab.Container;

/// <summary>A container of the lab: this executable once more, in the pod's network namespace, sharing it with the pod's other containers.</summary>
/// <remarks>
/// One called "web" serves HTTP on port 80 of every address the pod has, localhost among them; any other one asks localhost for it
/// once. Its first line says how that went. Then it lives until it is ended.
/// </remarks>
internal static class ContainerProcess
{
    /// <summary>First argument of such a process; behind it pod and name.</summary>
    internal const string Word = "lab-container";

    internal const string Server = "web";

    /// <summary>Where <see cref="Server"/> listens.</summary>
    internal const int Port = 80;

    private const int Backlog = 16, PatienceMs = 1000, MaxRequestBytes = 4096;

    internal static int Run(string pod, string name)
    {
        using Descriptor? mark = LiveMark.TryHold(PodContainers.MarkOf(name));
        if (mark is null) return Say($"{name} is running already", ExitCode.Problem);
        try
        {
            if (name == Server) Serve(pod, name);
            Say($"{name} started; {Ask()}", ExitCode.Ok);
        }
        catch (SocketException e)
        {
            return Say($"cannot listen on port {Port}: {e.SocketErrorCode} ({e.NativeErrorCode})", ExitCode.Problem);
        }

        // Nothing to do but to be there; a signal ends it.
        new ManualResetEventSlim(false).Wait();
        return ExitCode.Ok;
    }

    private static int Say(string line, int code)
    {
        StandardStreams.Write(1, Encoding.UTF8.GetBytes(line + "\n"));
        return code;
    }

    private static void Serve(string pod, string name)
    {
        using var socket = Socket.OSSupportsIPv6 ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, Port));
        socket.Listen(Backlog);
        Say($"{name} started; listens on port {Port} of every address of the pod", ExitCode.Ok);
        byte[] request = new byte[MaxRequestBytes];
        while (true)
        {
            using Socket caller = socket.Accept();
            try
            {
                caller.ReceiveTimeout = caller.SendTimeout = PatienceMs;
                _ = caller.Receive(request);
                byte[] body = Encoding.UTF8.GetBytes($"{name} of pod {pod}, asked by {Plain(caller.RemoteEndPoint)}\n");
                caller.Send([.. Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
                caller.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // Who hangs up early, or says nothing in time, gets nothing.
            }
        }
    }

    private static string Ask()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = PatienceMs, SendTimeout = PatienceMs };
            socket.Connect(IPAddress.Loopback, Port);
            socket.Send("GET / HTTP/1.0\r\n\r\n"u8);
            byte[] answer = new byte[MaxRequestBytes];
            int length = 0;
            for (int n; length < answer.Length && (n = socket.Receive(answer.AsSpan(length))) > 0;) length += n;
            string text = Encoding.UTF8.GetString(answer, 0, length);
            int body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            return $"http://localhost/ answers: {(body < 0 ? text : text[(body + 4)..]).TrimEnd()}";
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens on localhost:80" : $"localhost:80: {e.SocketErrorCode} ({e.NativeErrorCode})";
        }
    }

    /// <summary>Without the port, and an IPv4 address as such.</summary>
    private static string Plain(EndPoint? end) => end is IPEndPoint ip ? (ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address).ToString() : "somebody";
}
