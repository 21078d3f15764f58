using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Twill.Etcd;

/// <summary>Where etcd is, and how long to wait for it.</summary>
public sealed record EtcdOptions
{
    /// <summary>Members of one cluster: http://10.0.0.1:2379 or https://..., tried in turn. At least one; no path.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>Authorities that may have signed the servers' certificates; null: the machine's own.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Who we are, with private key; null: nobody asks.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>One call with all its attempts.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>One attempt at one member: a member that is stopped still accepts connections.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection with streams is asked after this long without a sign of life, and given up after <see cref="PingTimeout"/>.</summary>
    /// <remarks>etcd ends connections that ask more often than its --grpc-keepalive-min-time, 5 s unless changed.</remarks>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest answer taken in; a list that is longer is read in pages.</summary>
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Longest pause of somebody who asks again and again; the pauses grow by doubling, and half of each is by chance.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Makes the unconnected TCP sockets, for example in another network namespace; null: where this process is.</summary>
    public Func<AddressFamily, Socket>? OpenSocket { get; init; }

    /// <summary>Timers only: nothing here asks what time it is.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">No endpoint, or one that is not scheme://host:port.</exception>
    internal void Check()
    {
        if (Endpoints.Count == 0) throw new ArgumentException("etcd: no endpoint: name at least one, e.g. http://10.0.0.1:2379");
        foreach (Uri endpoint in Endpoints)
        {
            if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != "http" && endpoint.Scheme != "https") || endpoint.PathAndQuery != "/" || endpoint.UserInfo.Length > 0)
            {
                throw new ArgumentException($"etcd: \"{endpoint}\" is not an endpoint: write http://HOST:PORT or https://HOST:PORT");
            }
        }

        if (ClientCertificate is { HasPrivateKey: false }) throw new ArgumentException($"etcd: the client certificate {ClientCertificate.Subject} has no private key: load it with its key file");
    }
}
