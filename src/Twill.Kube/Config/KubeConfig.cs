using System.Net;

namespace Twill.Kube;

/// <summary>Where the API server is, whom we trust to be it, and as whom we speak to it.</summary>
/// <remarks>
/// Files named here are read when a connection needs them, so that a rotated certificate or token is found without a restart.
/// Immutable; its text never shows a secret.
/// </remarks>
public sealed partial class KubeConfig
{
    /// <summary>https, or http without credentials; may have a path below which the API is.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this was read: a file's path, or "the pod's service account".</summary>
    public string Origin { get; init; } = "the given configuration";

    /// <summary>The user's name in the kubeconfig, for messages.</summary>
    public string User { get; init; } = "";

    /// <summary>The namespace of the context or of the pod; null where none is named.</summary>
    public string? Namespace { get; init; }

    /// <summary>PEM of the authorities that may vouch for the server; null: see <see cref="CaFile"/>, and without both the system's.</summary>
    public ReadOnlyMemory<byte>? CaData { get; init; }

    public string? CaFile { get; init; }

    /// <summary>The name that the server's certificate must have, where it is not the host in the URL.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Anybody may claim to be the server. For a first look at a test cluster.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    public ReadOnlyMemory<byte>? ClientCertificateData { get; init; }

    public string? ClientCertificateFile { get; init; }

    public ReadOnlyMemory<byte>? ClientKeyData { get; init; }

    public string? ClientKeyFile { get; init; }

    public string? Token { get; init; }

    /// <summary>A token that is replaced while we run; it wins over <see cref="Token"/>, as in client-go.</summary>
    public string? TokenFile { get; init; }

    internal bool HasClientCertificate => ClientCertificateData is not null || ClientCertificateFile is not null;

    /// <summary>$KUBECONFIG if it is set, else the pod's service account.</summary>
    /// <exception cref="KubeConfigException">Neither is there, or the one that is there cannot be used.</exception>
    public static KubeConfig Find() => Find(Environment.GetEnvironmentVariable);

    internal static KubeConfig Find(Func<string, string?> environment)
    {
        if (environment("KUBECONFIG") is { Length: > 0 } path)
        {
            return path.Contains(':')
                ? throw new KubeConfigException($"cannot use KUBECONFIG={path}: it names several files, which are not merged here; name one")
                : FromFile(path);
        }

        return environment(HostVariable) is { Length: > 0 }
            ? InCluster(environment, ServiceAccountFolder)
            : throw new KubeConfigException($"cannot find the API server: neither KUBECONFIG nor {HostVariable} is set; set KUBECONFIG to a kubeconfig file, or run in a pod with a service account");
    }

    public override string ToString() => $"{Server} as {(User.Length > 0 ? User : "nobody")} ({Origin})";

    /// <summary>Refuses what would send a secret in the clear.</summary>
    private KubeConfig Checked()
    {
        if (Server.Scheme == Uri.UriSchemeHttp && (Token ?? TokenFile) is not null && !IsLoopback(Server))
            throw new KubeConfigException($"cannot use {Origin}: the server {Server} is reached without TLS, and a token is configured; use https");
        return this;
    }

    private static bool IsLoopback(Uri server) =>
        server.Host == "localhost" || (IPAddress.TryParse(server.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
