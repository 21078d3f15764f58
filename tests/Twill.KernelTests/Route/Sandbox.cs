using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.KernelTests.Route;

/// <summary>A host and a pod: two nameless namespaces that end with the test, each with a socket.</summary>
internal sealed class Sandbox : IDisposable
{
    internal NetworkNamespace HostNamespace { get; } = NetworkNamespace.Create();

    internal NetworkNamespace PodNamespace { get; } = NetworkNamespace.Create();

    internal RouteSocket Host { get; }

    internal RouteSocket Pod { get; }

    internal Sandbox()
    {
        Host = RouteSocket.Open(HostNamespace);
        Pod = RouteSocket.Open(PodNamespace);
    }

    /// <summary>v0 on the host, eth0 in the pod, both up, with 10.0.0.1/24 and 10.0.0.2/24.</summary>
    internal VethPair Wire()
    {
        VethPair pair = Host.CreateVeth(new VethSpec { Name = "v0", PeerName = "eth0", PeerNamespace = PodNamespace, Up = true });
        Pod.SetUp(pair.PeerIndex);
        Host.TryAddAddress(pair.Index, IpPrefix.Parse("10.0.0.1/24"));
        Pod.TryAddAddress(pair.PeerIndex, IpPrefix.Parse("10.0.0.2/24"));
        return pair;
    }

    public void Dispose()
    {
        Host.Dispose();
        Pod.Dispose();
        HostNamespace.Dispose();
        PodNamespace.Dispose();
    }
}
