using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Twill.Agent.Http;

/// <summary>Answers GET over a unix socket, and over TCP where somebody asked for a port. Nothing can be changed through it.</summary>
/// <remarks>
/// Our own 150 lines, since Kestrel costs 8 to 12 MB of resident memory in an agent that has 25 in all (docs/adr/0018). One request
/// a connection; a peer that is slow, talks too much or is one of too many is dropped, and the others do not notice.
/// </remarks>
internal sealed class LocalServer : IAsyncDisposable
{
    internal const int MaxConnections = 32, MaxHeadBytes = 8192;

    /// <summary>A request's head must be there within this time, milliseconds; and so much for sending the answer.</summary>
    internal const int HeadMs = 2000, SendMs = 10_000;

    private readonly Func<string, CancellationToken, ValueTask<HttpAnswer>> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _room = new(MaxConnections);
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _loops = [];

    /// <param name="answer">From path and query to the answer; may wait (a long poll), but not longer than the token lets it.</param>
    internal LocalServer(Func<string, CancellationToken, ValueTask<HttpAnswer>> answer) => _answer = answer;

    /// <summary>Takes the path over from whoever died with it; a living owner keeps it.</summary>
    /// <returns>Null: listening. Else the process id of the agent that has it.</returns>
    internal int? ListenUnix(string path)
    {
        if (UnixPeer.OwnerOf(path) is { } owner) return owner;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Bound under another name and renamed: nobody ever connects to a socket with other rights than 0600, or to none.
        string fresh = $"{path}.{Environment.ProcessId}";
        File.Delete(fresh);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(fresh));
        File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen(MaxConnections);
        File.Move(fresh, path, overwrite: true);
        Start(socket);
        return null;
    }

    /// <returns>Where it listens, with the port the kernel chose for port 0.</returns>
    internal IPEndPoint ListenTcp(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true; // all addresses means those of both families
        socket.Bind(endPoint);
        socket.Listen(MaxConnections);
        Start(socket);
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        foreach (Socket listener in _listeners) listener.Dispose();
        await Task.WhenAll(_loops).ConfigureAwait(false);

        // The last of those still answering gives back its place when the token has ended it.
        for (int i = 0; i < MaxConnections; i++) await _room.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _room.Dispose();
        _end.Dispose();
    }

    private void Start(Socket listener)
    {
        _listeners.Add(listener);
        _loops.Add(AcceptAsync(listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_end.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                // Without a place nobody is accepted: the kernel's queue is the queue, and it has a bound.
                await _room.WaitAsync(_end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                connection = await listener.AcceptAsync(_end.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                _room.Release();
                if (e is SocketException) continue; // the peer went away between its connect and our accept
                return;
            }

            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using (connection)
            {
                string? path;
                using (var head = CancellationTokenSource.CreateLinkedTokenSource(_end.Token))
                {
                    head.CancelAfter(HeadMs);
                    path = await ReadPathAsync(connection, head.Token).ConfigureAwait(false);
                }

                HttpAnswer answer = path is null ? HttpAnswer.Text("GET only\n", 405) : await _answer(path, _end.Token).ConfigureAwait(false);
                using var send = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                send.CancelAfter(SendMs);
                string top = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} {Reason(answer.Status)}\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {answer.Body.Length}\r\nConnection: close\r\n\r\n");
                await SendAsync(connection, Encoding.ASCII.GetBytes(top), send.Token).ConfigureAwait(false);
                await SendAsync(connection, answer.Body, send.Token).ConfigureAwait(false);
                connection.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Slow, gone, or we end: nobody is left to tell.
        }
        finally
        {
            _room.Release();
        }
    }

    /// <returns>Null: not a GET.</returns>
    private static async Task<string?> ReadPathAsync(Socket connection, CancellationToken token)
    {
        byte[] buffer = new byte[MaxHeadBytes];
        int used = 0;
        while (used < buffer.Length)
        {
            int n = await connection.ReceiveAsync(buffer.AsMemory(used), token).ConfigureAwait(false);
            if (n == 0) return null;
            used += n;
            if (buffer.AsSpan(0, used).IndexOf("\r\n\r\n"u8) < 0) continue;
            string line = Encoding.ASCII.GetString(buffer, 0, buffer.AsSpan(0, used).IndexOf("\r\n"u8));
            string[] words = line.Split(' ');
            return words is ["GET", { Length: > 0 } path, _] ? path : null;
        }

        return null;
    }

    private static async Task SendAsync(Socket connection, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty) bytes = bytes[await connection.SendAsync(bytes, token).ConfigureAwait(false)..];
    }

    private static string Reason(int status) => status switch { 200 => "OK", 404 => "Not Found", 405 => "Method Not Allowed", 503 => "Service Unavailable", _ => "Answer" };
}
