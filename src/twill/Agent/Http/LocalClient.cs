using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Twill.Agent.Http;

/// <summary>Asks the agent of this machine: one GET over its unix socket.</summary>
internal static class LocalClient
{
    /// <summary>Of an answer, bytes.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <param name="timeoutMs">For each wait, milliseconds.</param>
    /// <returns>Null: nobody listens there.</returns>
    /// <exception cref="IOException">It listens, and then says nothing, or nonsense.</exception>
    internal static HttpAnswer? Get(string socketPath, string path, int timeoutMs)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = timeoutMs, SendTimeout = timeoutMs };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return null;
        }

        try
        {
            socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: agent\r\n\r\n"));
            using var whole = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            for (int n; (n = socket.Receive(buffer)) > 0 && whole.Length < MaxBytes;) whole.Write(buffer, 0, n);
            return Parse(whole.ToArray()) ?? throw new IOException($"what listens on {socketPath} does not speak HTTP: is it a twill agent? `ss -xlp` tells");
        }
        catch (SocketException e)
        {
            throw new IOException($"the agent on {socketPath} did not answer GET {path}: {e.Message} ({e.SocketErrorCode}); see what it does: journalctl -u twill", e);
        }
    }

    private static HttpAnswer? Parse(byte[] bytes)
    {
        int end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        string[] lines = Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n");
        string[] first = lines[0].Split(' ');
        if (first.Length < 2 || !int.TryParse(first[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status)) return null;
        string type = Array.Find(lines, l => l.StartsWith("Content-Type: ", StringComparison.Ordinal))?["Content-Type: ".Length..] ?? "";
        return new HttpAnswer(status, type, bytes.AsMemory(end + 4));
    }
}
