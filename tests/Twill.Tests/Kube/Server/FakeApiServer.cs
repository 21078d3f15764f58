using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Twill.Tests.Kube.Server;

/// <summary>An API server in this process, on a loopback port: HTTP/1.1 by hand, so that it can misbehave at any byte.</summary>
internal sealed partial class FakeApiServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly X509Certificate2? _certificate;
    private Socket _listener;
    private Task _accepting;

    public FakeApiServer(FakeApi api, X509Certificate2? certificate = null, X509Certificate2? clientAuthority = null)
    {
        Api = api;
        _certificate = certificate;
        ClientAuthority = clientAuthority;
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>The nodes.</summary>
    public FakeApi Api { get; }

    /// <summary>Other resources, by their path, with their kind.</summary>
    public Dictionary<string, (FakeApi Api, string Kind)> Others { get; } = new(StringComparer.Ordinal);

    public int Port { get; }

    public Uri Address => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}");

    public FaultPlan Faults { get; set; } = FaultPlan.None;

    /// <summary>The only bearer token that is accepted; null: none is asked for.</summary>
    public string? Token { get; set; }

    public X509Certificate2? ClientAuthority { get; set; }

    /// <summary>Every line of every request head, for assertions.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Lists => Requests.Count(r => r.StartsWith("GET /api/v1/nodes?limit", StringComparison.Ordinal) && !r.Contains("continue=", StringComparison.Ordinal));

    public int Watches => Requests.Count(r => r.Contains("watch=1", StringComparison.Ordinal));

    /// <summary>Versions of the past that the next lists are of, as from a server that lags.</summary>
    public ConcurrentQueue<ulong> ListVersions { get; } = new();

    /// <summary>Events that the next watch brings before its own, in this order, whatever the versions in them.</summary>
    public ConcurrentQueue<(string Type, string Json)> Scripted { get; } = new();

    /// <summary>After so many events a bookmark.</summary>
    public int BookmarkEvery { get; set; } = 7;

    /// <summary>Ends every connection and refuses new ones.</summary>
    public async Task GoAwayAsync()
    {
        _listener.Dispose();
        await _accepting;
        CutAll();
    }

    public void ComeBack()
    {
        _listener = Listen(Port);
        _accepting = AcceptAsync(_listener);
    }

    public void CutAll()
    {
        foreach (var socket in _connections.Keys)
            socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        CutAll();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            socket.NoDelay = true;
            var ready = new TaskCompletionSource();
            _connections[socket] = ServeThenForgetAsync(socket, ready.Task);
            ready.SetResult();
        }
    }

    private async Task ServeThenForgetAsync(Socket socket, Task ready)
    {
        await ready;
        try
        {
            await using var stream = await SecureAsync(new NetworkStream(socket, ownsSocket: true));
            while (await ReadHeadAsync(stream) is { } request && await AnswerAsync(stream, request))
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException)
        {
        }
        finally
        {
            // Also where the handshake failed and nobody else owns it yet.
            socket.Dispose();
            _connections.TryRemove(socket, out _);
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream stream)
    {
        if (_certificate is null)
            return stream;
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = ClientAuthority is not null,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => ClientAuthority is not { } authority || (certificate is X509Certificate2 given && given.Issuer == authority.Subject && SignedBy(given, authority)),
        }, _stop.Token);
        return tls;
    }

    private static bool SignedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return chain.Build(certificate);
    }

    private async Task<Head?> ReadHeadAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 64 << 10)
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            bytes.Add(one[0]);
            if (one[0] != '\n' || bytes.Count < 4 || bytes[^3] != '\n')
                continue;
            var lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
            var parts = lines[0].Split(' ');
            Requests.Enqueue($"{parts[0]} {parts[1]}");
            var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
            await stream.ReadExactlyAsync(body, _stop.Token);
            return new Head(parts[0], new Uri("http://x" + parts[1]), headers, body);
        }

        return null;
    }

    private static async Task WriteAsync(Stream stream, int code, byte[] body, string headers = "") =>
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n"), .. body]);

    private static byte[] Gzip(byte[] body)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
            gzip.Write(body);
        return to.ToArray();
    }

    internal static byte[] Status(int code, string reason, string message) =>
        Encoding.UTF8.GetBytes($$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""");

    private sealed record Head(string Method, Uri Uri, Dictionary<string, string> Headers, byte[] Body)
    {
        public string? Query(string key) =>
            Uri.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).Where(p => p[0] == key).Select(p => Uri.UnescapeDataString(p[1])).FirstOrDefault();
    }
}
