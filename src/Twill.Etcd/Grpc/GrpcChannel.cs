using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Twill.Etcd.Wire;

namespace Twill.Etcd.Grpc;

/// <summary>gRPC over HTTP/2 to the members of one cluster, a connection for each, made when first needed.</summary>
/// <remarks>
/// No compression, no retries of its own. Whatever goes wrong leaves as an <see cref="EtcdException"/> that says whether the request
/// may have been carried out.
/// </remarks>
internal sealed class GrpcChannel : IDisposable
{
    private readonly EtcdOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _life = new();

    public GrpcChannel(EtcdOptions options)
    {
        _options = options;
        Life = _life.Token;
        var tls = new SslClientAuthenticationOptions();
        if (options.ClientCertificate is { } own) tls.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        if (options.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }

        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.PingInterval,
            KeepAlivePingTimeout = options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = tls,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = false,
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>Cancelled by <see cref="Dispose"/>.</summary>
    public CancellationToken Life { get; }

    /// <summary>Ends streams and pauses, and closes the connections.</summary>
    public void Dispose()
    {
        _life.Cancel();
        _http.Dispose();
        _life.Dispose();
    }

    /// <summary>One question, one answer.</summary>
    /// <param name="subject">For messages: the key, or nothing.</param>
    /// <exception cref="EtcdException">Everything but the caller's own cancellation.</exception>
    public async Task<byte[]> AskAsync(Uri endpoint, GrpcMethod method, string subject, ReadOnlyMemory<byte> question, TimeSpan timeout, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(timeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            using HttpRequestMessage request = Request(endpoint, method, new ByteArrayContent(GrpcFrame.Of(question.Span)));
            request.Headers.TryAddWithoutValidation("grpc-timeout", $"{Math.Max(1, (long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}m");
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            using Stream body = await OpenAsync(response, endpoint, method, subject, either.Token).ConfigureAwait(false);
            byte[]? answer = await GrpcFrame.ReadAsync(body, _options.MaxMessageBytes, either.Token).ConfigureAwait(false);
            if (answer is not null && await GrpcFrame.ReadAsync(body, _options.MaxMessageBytes, either.Token).ConfigureAwait(false) is not null) throw new ProtoException("two answers to one question");
            ThrowUnlessOk(response.TrailingHeaders, endpoint, method, subject);
            return answer ?? throw new ProtoException("the status is OK, but there is no answer");
        }
        catch (Exception e) when (!(e is ObjectDisposedException && Life.IsCancellationRequested) && Translate(e, endpoint, method, subject, deadline.IsCancellationRequested ? timeout : null, cancel) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Opens a stream of messages both ways, and sends the first: etcd answers nothing before.</summary>
    /// <exception cref="EtcdException">As above.</exception>
    public async Task<GrpcStream> OpenStreamAsync(Uri endpoint, GrpcMethod method, string subject, ReadOnlyMemory<byte> first, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(Life.IsCancellationRequested, this);
        using var deadline = new CancellationTokenSource(_options.AttemptTimeout, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        var life = CancellationTokenSource.CreateLinkedTokenSource(Life);
        var content = new DuplexContent();
        HttpRequestMessage request = Request(endpoint, method, content);
        Task<HttpResponseMessage> sending = _http.SendAsync(request, life.Token);
        try
        {
            // Where sending fails there will be no stream; its failure is the better message.
            if (await Task.WhenAny(content.Stream, sending).WaitAsync(either.Token).ConfigureAwait(false) == sending) await sending.ConfigureAwait(false);
            Stream up = await content.Stream.WaitAsync(either.Token).ConfigureAwait(false);
            await up.WriteAsync(GrpcFrame.Of(first.Span), either.Token).ConfigureAwait(false);
            await up.FlushAsync(either.Token).ConfigureAwait(false);
            HttpResponseMessage response = await sending.WaitAsync(either.Token).ConfigureAwait(false);
            Stream down = await OpenAsync(response, endpoint, method, subject, either.Token).ConfigureAwait(false);
            return new GrpcStream(endpoint, method, subject, request, response, content, up, down, life, _options.MaxMessageBytes);
        }
        catch (Exception e)
        {
            bool late = deadline.IsCancellationRequested;
            await life.CancelAsync().ConfigureAwait(false);
            await EndAsync(sending).ConfigureAwait(false);
            request.Dispose();
            life.Dispose();
            if (!(e is ObjectDisposedException && Life.IsCancellationRequested) && Translate(e, endpoint, method, subject, late ? _options.AttemptTimeout : null, cancel) is { } translated) throw translated;
            throw;
        }
    }

    /// <summary>What a failure is in our words; null: it is the caller's own cancellation, or a bug, and goes on as it is.</summary>
    internal static EtcdException? Translate(Exception e, Uri endpoint, GrpcMethod method, string subject, TimeSpan? timedOut, CancellationToken cancel)
    {
        if (e is EtcdException) return null;
        if (e is OperationCanceledException && cancel.IsCancellationRequested) return null;
        string call = Call(method, subject);
        return e switch
        {
            // The connection was given up before anything could be sent.
            OperationCanceledException { InnerException: TimeoutException inner } => new EtcdException(call, endpoint, GrpcStatus.Unavailable, inner.Message, false, e),
            OperationCanceledException when timedOut is { } t => new EtcdException(call, endpoint, GrpcStatus.DeadlineExceeded, $"no answer in {t.TotalSeconds:0.###} s", true, e),
            // The runtime's word for a connection that broke while we were still sending, and for the end of this channel.
            OperationCanceledException => new EtcdException(call, endpoint, GrpcStatus.Unavailable, "the connection was closed", true, e),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => new EtcdException(call, endpoint, GrpcStatus.Unavailable, Words(e), false, e),
            // The runtime's word for writing to a stream whose connection has just died.
            ObjectDisposedException => new EtcdException(call, endpoint, GrpcStatus.Unavailable, "the connection was closed", true, e),
            HttpRequestException or IOException or SocketException => new EtcdException(call, endpoint, GrpcStatus.Unavailable, Words(e), true, e),
            ProtoException => new EtcdException(call, endpoint, GrpcStatus.Internal, e.Message, true, e),
            _ => null,
        };
    }

    /// <exception cref="EtcdException">The status is not OK, or there is none.</exception>
    internal static void ThrowUnlessOk(HttpResponseHeaders headers, Uri endpoint, GrpcMethod method, string subject)
    {
        if (!headers.TryGetValues("grpc-status", out IEnumerable<string>? values)) throw new EtcdException(Call(method, subject), endpoint, GrpcStatus.Unavailable, "the stream ended without a status", true);
        if (!int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) number = (int)GrpcStatus.Unknown;
        if (number == 0) return;
        string words = headers.TryGetValues("grpc-message", out IEnumerable<string>? texts) ? Uri.UnescapeDataString(texts.First()) : "";
        throw new EtcdException(Call(method, subject), endpoint, (GrpcStatus)number, words, MayHaveHappened((GrpcStatus)number, words));
    }

    /// <summary>Lets a task end that nobody waits for any more; how it ends is no news.</summary>
    internal static async Task EndAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            (await sending.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
        }
    }

    /// <summary>Refused before it was proposed to the others (no leader, busy, no permission, not understood), or perhaps done all the same.</summary>
    private static bool MayHaveHappened(GrpcStatus status, string words) => status switch
    {
        GrpcStatus.Unavailable => !words.Contains("no leader", StringComparison.Ordinal) && !words.Contains("not capable", StringComparison.Ordinal),
        GrpcStatus.DeadlineExceeded or GrpcStatus.Canceled or GrpcStatus.Unknown or GrpcStatus.Internal or GrpcStatus.Aborted or GrpcStatus.DataLoss => true,
        _ => false,
    };

    private static string Call(GrpcMethod method, string subject) => subject.Length == 0 ? method.ToString() : $"{method} {subject}";

    /// <summary>The last cause is the kernel's or the TLS library's, and says most.</summary>
    private static string Words(Exception e)
    {
        const int MaxDepth = 8;
        Exception cause = e;
        for (int i = 0; i < MaxDepth && cause.InnerException is { } inner; i++) cause = inner;
        return cause is SocketException socket ? $"{socket.SocketErrorCode} ({socket.NativeErrorCode}) {socket.Message}" : ReferenceEquals(cause, e) ? e.Message : $"{e.Message} {cause.Message}";
    }

    private static HttpRequestMessage Request(Uri endpoint, GrpcMethod method, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, method.Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (method.NeedsLeader) request.Headers.TryAddWithoutValidation("hasleader", "true");
        return request;
    }

    private static async ValueTask<Stream> OpenAsync(HttpResponseMessage response, Uri endpoint, GrpcMethod method, string subject, CancellationToken cancel)
    {
        // A refusal without a message has its status in the headers.
        if (response.Headers.Contains("grpc-status")) ThrowUnlessOk(response.Headers, endpoint, method, subject);
        if (response.StatusCode != HttpStatusCode.OK) throw new EtcdException(Call(method, subject), endpoint, GrpcStatus.Unavailable, $"HTTP status {(int)response.StatusCode}; this is no etcd v3 endpoint", false);
        return await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        DnsEndPoint where = context.DnsEndPoint;
        bool isAddress = IPAddress.TryParse(where.Host, out IPAddress? address);
        AddressFamily family = isAddress ? address!.AddressFamily : AddressFamily.InterNetwork;
        Socket socket = _options.OpenSocket is { } open ? open(family) : isAddress ? new Socket(family, SocketType.Stream, ProtocolType.Tcp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(isAddress ? new IPEndPoint(address!, where.Port) : where, cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
