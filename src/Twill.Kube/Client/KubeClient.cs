using System.Net;
using System.Net.Http.Headers;

namespace Twill.Kube;

/// <summary>Speaks to one API server: list, watch, get; leases are also written. Safe for several callers at once.</summary>
/// <remarks>
/// It keeps no state but connections, the token and the certificates; both are read again when the server refuses them. It tries
/// nothing twice on its own but that: who calls knows what waiting costs (<see cref="Informer{T}"/> does).
/// </remarks>
public sealed partial class KubeClient : IDisposable
{
    private const int MaxErrorBytes = 16 << 10;

    /// <summary>Connections under older certificates: they serve what still runs on them, and the oldest goes.</summary>
    private const int MaxOldTransports = 2;

    /// <summary>How long a server may ask us to wait; what is beyond is cut.</summary>
    private static readonly TimeSpan s_maxRetryAfter = TimeSpan.FromMinutes(5);

    private static readonly MediaTypeWithQualityHeaderValue s_json = new("application/json");
    private static readonly MediaTypeHeaderValue s_jsonBody = new("application/json");
    private static readonly MediaTypeHeaderValue s_mergePatch = new("application/merge-patch+json");

    private readonly KubeConfig _config;
    private readonly TokenSource _token;
    private readonly ProductInfoHeaderValue _agent;
    private readonly Lock _lock = new();
    private readonly Queue<KubeTransport> _old = new();
    private KubeTransport _transport;
    private bool _disposed;

    /// <exception cref="KubeConfigException">A certificate or the token's file cannot be read.</exception>
    public KubeClient(KubeConfig config, KubeClientOptions? options = null)
    {
        _config = config;
        Options = options ?? new KubeClientOptions();
        _agent = new ProductInfoHeaderValue(Options.UserAgent, null);
        _token = new TokenSource(config, Options.Time);
        _token.Current();
        _transport = KubeTransport.Create(config, Options);
    }

    public KubeClientOptions Options { get; }

    public KubeConfig Config => _config;

    /// <summary>Begins to keep the objects of a kind; it runs until it is disposed, which must be before this client is.</summary>
    public Informer<T> Inform<T>(KubeResource<T> resource, InformerOptions? options = null)
        where T : class, IEquatable<T> => new(this, resource, options ?? new InformerOptions());

    /// <summary>Ends all connections; what runs on them fails.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _transport.Dispose();
            while (_old.TryDequeue(out var old))
                old.Dispose();
        }
    }

    /// <summary>Sends, and gives back an answer that is a success, with its body still to come.</summary>
    /// <exception cref="KubeException">No connection, no trust, or the server's no.</exception>
    private async Task<HttpResponseMessage> SendAsync(KubeCall call, HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte>? body, CancellationToken ct)
    {
        for (var again = false; ; again = true)
        {
            var transport = _transport;
            string? token;
            HttpResponseMessage response;
            try
            {
                token = _token.Current();
                using var request = Request(method, pathAndQuery, token, body);
                response = await transport.Http.SendAsync(request, ct);
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
            {
                if (!again && Renew(transport))
                    continue;
                throw KubeException.Tls(call, e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubeConfigException or ObjectDisposedException)
            {
                ct.ThrowIfCancellationRequested();
                throw KubeException.Unreachable(call, e);
            }
            catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
            {
                // The handler's own bound for connecting.
                throw KubeException.Unreachable(call, e);
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                // Both are looked at: a certificate and a token may be rotated together.
                if (response.StatusCode == HttpStatusCode.Unauthorized && !again && (_token.Refused(token) | Renew(transport)))
                    continue;
                throw KubeException.FromStatus(call, (int)response.StatusCode, await StatusAsync(response, ct), RetryAfter(response));
            }
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string pathAndQuery, string? token, ReadOnlyMemory<byte>? body)
    {
        var request = new HttpRequestMessage(method, new Uri(_config.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + pathAndQuery))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.UserAgent.Add(_agent);
        // The handler takes the name that the certificate must have from here, whatever its TLS options say; the API server does not look.
        request.Headers.Host = _config.TlsServerName;
        request.Headers.Accept.Add(s_json);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is { } bytes)
            request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = method == HttpMethod.Patch ? s_mergePatch : s_jsonBody } };
        return request;
    }

    /// <summary>Were certificates replaced on disk? Then new connections use them.</summary>
    private bool Renew(KubeTransport used)
    {
        lock (_lock)
        {
            if (_disposed)
                return false;
            if (_transport != used)
                return true;
            if (!used.Certificates.IsStale(_config))
                return false;
            try
            {
                _transport = KubeTransport.Create(_config, Options);
            }
            catch (KubeConfigException)
            {
                // Half written: the next refusal looks again.
                return false;
            }

            _old.Enqueue(used);
            if (_old.Count > MaxOldTransports)
                _old.Dequeue().Dispose();
            return true;
        }
    }

    private static async Task<KubeStatus> StatusAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            var bytes = new byte[MaxErrorBytes];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            return KubeStatus.Read(bytes.AsSpan(0, length));
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            return default(KubeStatus) with { Reason = "", Message = "" };
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } delta && delta >= TimeSpan.Zero ? (delta < s_maxRetryAfter ? delta : s_maxRetryAfter) : null;

    private KubeCall Call<T>(string verb, KubeResource<T> resource, string name = "")
        where T : class, IEquatable<T> => new(_config, verb, resource.Group, resource.Plural, name);
}
