using System.Globalization;
using System.Net;

namespace Twill.Kube;

/// <content>The credentials that the kubelet puts into a pod.</content>
public sealed partial class KubeConfig
{
    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";
    private const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The pod's service account: its token is rotated by the kubelet, and read again while we run.</summary>
    /// <remarks>Source: kubernetes.io "Accessing the Kubernetes API from a Pod"; an IPv6 address comes without brackets.</remarks>
    /// <exception cref="KubeConfigException">A variable or a file is missing; the message names it.</exception>
    public static KubeConfig InCluster() => InCluster(Environment.GetEnvironmentVariable, ServiceAccountFolder);

    internal static KubeConfig InCluster(Func<string, string?> environment, string folder)
    {
        var host = environment(HostVariable) is { Length: > 0 } value
            ? value
            : throw new KubeConfigException($"cannot use the pod's service account: {HostVariable} is not set; this process does not run in a pod");
        var port = environment(PortVariable) is { Length: > 0 } text ? text : "443";
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            throw new KubeConfigException($"cannot use the pod's service account: {PortVariable}={port} is not a port");
        if (IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            host = $"[{host}]";
        if (!Uri.TryCreate($"https://{host}:{number}", UriKind.Absolute, out var server))
            throw new KubeConfigException($"cannot use the pod's service account: {HostVariable}={host} is not a host");
        var (token, ca, space) = (Path.Combine(folder, "token"), Path.Combine(folder, "ca.crt"), Path.Combine(folder, "namespace"));
        foreach (var path in (ReadOnlySpan<string>)[token, ca])
        {
            if (!File.Exists(path))
                throw new KubeConfigException($"cannot use the pod's service account: {path} is missing; is automountServiceAccountToken false?");
        }

        return new KubeConfig
        {
            Server = server,
            Origin = "the pod's service account",
            User = "the pod's service account",
            Namespace = File.Exists(space) ? FileText(space).Trim() : null,
            CaFile = ca,
            TokenFile = token,
        };
    }
}
