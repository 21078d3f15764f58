using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Twill.Kube;

/// <summary>Connections to one API server under one set of certificates.</summary>
internal sealed class KubeTransport : IDisposable
{
    /// <summary>Pings of HTTP/2 are rarer than TCP keep-alive, which costs this process nothing: they find only a server that hangs, or a proxy that lost it.</summary>
    private const int PingFactor = 4;

    private readonly SocketsHttpHandler _handler;

    private KubeTransport(SocketsHttpHandler handler, KubeCertificates certificates)
    {
        _handler = handler;
        Certificates = certificates;
        Http = new HttpMessageInvoker(handler, disposeHandler: false);
    }

    public HttpMessageInvoker Http { get; }

    public KubeCertificates Certificates { get; }

    /// <exception cref="KubeConfigException">A certificate cannot be read.</exception>
    public static KubeTransport Create(KubeConfig config, KubeClientOptions options)
    {
        var certificates = KubeCertificates.Load(config);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),

            // The handler wakes up at a quarter of the shorter of the two, whatever the protocol: without TLS there is no HTTP/2 to ping.
            KeepAlivePingDelay = config.Server.Scheme == Uri.UriSchemeHttps ? options.KeepAlive * PingFactor : Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = options.KeepAlive * PingFactor,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, options, ct),
            SslOptions = Tls(config, certificates),
        };
        return new KubeTransport(handler, certificates);
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    [SuppressMessage("Security", "CA5359", Justification = "insecure-skip-tls-verify asks for exactly this, by name.")]
    private static SslClientAuthenticationOptions Tls(KubeConfig config, KubeCertificates certificates)
    {
        var tls = new SslClientAuthenticationOptions();
        if (config.InsecureSkipTlsVerify)
        {
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (certificates.Authorities is { } authorities)
        {
            // Named, the chain is built from these alone, and the 150 files of the system's store are not opened.
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (certificates.Client is { } client)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(client[0], client, offline: true);
        return tls;
    }

    internal static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, KubeClientOptions options, CancellationToken ct)
    {
        // An address needs a socket of its own family: a dual one meets other hooks and rules on the host than it seems to.
        var socket = IPAddress.TryParse(to.Host, out var address)
            ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            const int probes = 2;
            var seconds = Math.Max(1, (int)options.KeepAlive.TotalSeconds);
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, probes);
            // The same bound for what was sent and never acknowledged. Source: tcp(7), TCP_USER_TIMEOUT, milliseconds.
            const int ipprotoTcp = 6, tcpUserTimeout = 18;
            socket.SetRawSocketOption(ipprotoTcp, tcpUserTimeout, BitConverter.GetBytes(seconds * 1000 * (probes + 1)));
            await (address is null ? socket.ConnectAsync(to, ct) : socket.ConnectAsync(new IPEndPoint(address, to.Port), ct));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
