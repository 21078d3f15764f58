using Twill.Cni;
using Twill.Fabric.Apply;
using Twill.Fabric.Model;
using Twill.Linux.Netns;
using Twill.Linux.Route;

namespace Twill.Plugin;

/// <summary>Twill as the address management of another interface plugin (bridge, macvlan, ...): "ipam": { "type": "twill" }.</summary>
/// <remarks>
/// The address is claimed by a pair of its own, whose other end waits, down, in the pod's namespace: the kernel still is the
/// database, and the claim ends with the namespace. The other plugin configures the address.
/// </remarks>
internal static class IpamPlugin
{
    /// <summary>Whether the configuration's main plugin is another and only asks us for addresses.</summary>
    internal static bool IsMeant(NetworkConfig config) => config.Type is not ("twill" or "") && config.Ipam.Type is "twill" or "twill-ipam";

    /// <summary>The claim's owner: the same container, an interface name of its own in the pod.</summary>
    internal static Owner OwnerOf(Owner owner) => owner with { IfName = $"tw-{Hash64.Base32(Hash64.Of(owner.IfName), 12)}" };

    internal static byte[] Add(CniInvocation invocation, NetworkConfig config)
    {
        using NetworkNamespace network = PodNamespace.Open(invocation);
        using RouteSocket host = RouteSocket.Open();
        NetworkSettings settings = Translation.ToNetwork(config);
        PodRequest request = Translation.ToRequest(invocation, config, network, null) with { Owner = OwnerOf(new Owner(invocation.ContainerId, invocation.IfName)), Mac = null, Bandwidth = null };
        IReadOnlyList<PodAddress> addresses = new PodAttacher(host).Reserve(settings, request);
        try
        {
            return new CniResult
            {
                Ips = Translation.Map(addresses, a => new CniIp(new IpCidr(a.Address.Address.ToIPAddress(), a.Address.Length), a.Gateway?.ToIPAddress())),
                Routes = config.Ipam.Routes,
                Dns = config.Ipam.ResolvConf is { Length: > 0 } path ? ResolvConf.Read(path) : CniDns.Empty,
            }.Write(config.CniVersion);
        }
        catch
        {
            PodDetacher.Detach(host, request.Owner);
            throw;
        }
    }

    /// <summary>That each address of prevResult which lies in our ranges is still claimed by this container.</summary>
    internal static void Check(CniInvocation invocation, NetworkConfig config, CniResult previous)
    {
        using RouteSocket host = RouteSocket.Open();
        PodChecker.CheckReserved(host, Translation.ToNetwork(config), OwnerOf(new Owner(invocation.ContainerId, invocation.IfName)), Translation.Map(previous.Ips, Translation.ToAddress));
    }
}
