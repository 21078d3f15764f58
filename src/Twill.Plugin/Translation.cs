using System.Globalization;
using System.Net;
using Twill.Cni;
using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Linux.Route;
using CniBandwidth = Twill.Cni.Bandwidth;
using FabricBandwidth = Twill.Fabric.Model.Bandwidth;

namespace Twill.Plugin;

/// <summary>From the runtime's words to the fabric's and back. CNI JSON ends here.</summary>
internal static class Translation
{
    internal static NetworkSettings ToNetwork(NetworkConfig config)
    {
        BridgeConfig bridge = config.Bridge;
        return new NetworkSettings
        {
            Name = config.Name,
            Bridge = new BridgeSettings
            {
                Name = bridge.Name ?? BridgeSettings.DefaultName,
                Mtu = bridge.Mtu,
                GsoMaxSize = bridge.GsoMaxSize,
                IsGateway = bridge.IsGateway || bridge.IsDefaultGateway,
                ForceAddress = bridge.ForceAddress,
                Hairpin = bridge.HairpinMode,
                Promiscuous = bridge.PromiscMode,
                PortIsolation = bridge.PortIsolation,
                MacSpoofCheck = bridge.MacSpoofCheck,
                DuplicateAddressDetection = bridge.EnableDad,
            },
            IsDefaultGateway = bridge.IsDefaultGateway,
            Masquerade = bridge.IpMasq,
            MasqueradeExcept = Map(bridge.IpMasqExcept, ToPrefix),
            Pool = config.Ipam.IsOurs && config.RangeSets.Count > 0 ? ToPool(config) : null,
            Routes = Map(config.Ipam.Routes, ToRoute),
            PodInterfaceUp = !bridge.DisableContainerInterface,
        };
    }

    internal static PodRequest ToRequest(CniInvocation invocation, NetworkConfig config, Linux.Netns.NetworkNamespace network, CniResult? delegated) => new()
    {
        Owner = new Owner(invocation.ContainerId, invocation.IfName),
        Namespace = network,
        RequestedAddresses = delegated is null && config.Ipam.IsOurs ? RequestedAddresses(invocation, config) : [],
        GivenAddresses = delegated is null ? [] : Map(delegated.Ips, ToAddress),
        Mac = config.RequestedMac(invocation.Args) is { } mac && MacAddress.TryParse(mac, out MacAddress parsed) ? parsed : null,
        Bandwidth = config.RuntimeConfig.Bandwidth is { IsNone: false } b ? ToBandwidth(b) : null,
        HostPorts = Map(config.RuntimeConfig.PortMappings, ToHostPort),
        PodName = PodNameOf(invocation),
    };

    internal static string PodNameOf(CniInvocation invocation)
        => invocation.Args.PodName is { Length: > 0 } name ? (invocation.Args.PodNamespace is { Length: > 0 } ns ? $"{ns}/{name}" : name) : "";

    internal static CniResult ToResult(PodAttachment attachment, string ifName, string sandbox, CniDns dns)
    {
        const int pod = 2;
        return new CniResult
        {
            Interfaces =
            [
                new CniInterface(attachment.BridgeName, attachment.BridgeMac.ToString(), attachment.BridgeMtu),
                new CniInterface(attachment.HostName, attachment.HostMac.ToString(), attachment.Mtu),
                new CniInterface(ifName, attachment.PodMac.ToString(), attachment.Mtu, sandbox),
            ],
            Ips = Map(attachment.Addresses, a => new CniIp(ToCidr(a.Address), a.Gateway?.ToIPAddress(), pod)),
            Routes = Map(attachment.Routes, r => new CniRoute(ToCidr(r.Destination), r.Gateway?.ToIPAddress(), r.Mtu, r.AdvMss, r.Priority, r.Table, r.Scope)),
            Dns = dns,
        };
    }

    /// <summary>Ours behind the predecessors': their interfaces keep their indices, ours move up.</summary>
    internal static CniResult Append(CniResult? previous, CniResult ours)
    {
        if (previous is null) return ours;
        int shift = previous.Interfaces.Count;
        return new CniResult
        {
            Interfaces = [.. previous.Interfaces, .. ours.Interfaces],
            Ips = [.. previous.Ips, .. Map(ours.Ips, ip => ip with { Interface = ip.Interface + shift })],
            Routes = [.. previous.Routes, .. ours.Routes],
            Dns = ours.Dns.IsEmpty ? previous.Dns : ours.Dns,
        };
    }

    internal static PodAddress ToAddress(CniIp ip) => new(ToPrefix(ip.Address), ip.Gateway is { } gateway ? IpAddress.From(gateway) : null);

    internal static IpPrefix ToPrefix(IpCidr cidr) => new(IpAddress.From(cidr.Address), cidr.PrefixLength);

    internal static PodRoute ToRoute(CniRoute route)
        => new(ToPrefix(route.Dst), route.Gw is { } gw ? IpAddress.From(gw) : null, route.Mtu, route.AdvMss, route.Priority, route.Table, route.Scope);

    internal static T[] Map<S, T>(IReadOnlyList<S> items, Func<S, T> map)
    {
        if (items.Count == 0) return [];
        var mapped = new T[items.Count];
        for (int i = 0; i < mapped.Length; i++) mapped[i] = map(items[i]);
        return mapped;
    }

    private static IpAddress[] RequestedAddresses(CniInvocation invocation, NetworkConfig config)
    {
        IReadOnlyList<RequestedIp> wishes = config.RequestedIps(invocation.Args);
        if (wishes.Count > 0 && config.RangeSets.Count == 0) throw new FabricException(FabricFault.Configuration, $"address {wishes[0]} is requested, but network {config.Name} has no range to give it from: configure \"ipam\"");
        return Map(wishes, w => IpAddress.From(w.Address));
    }

    private static AddressPool ToPool(NetworkConfig config)
    {
        IpPrefix[] excludedEverywhere = Map(config.Ipam.Exclude, ToPrefix);
        var sets = new RangeSet[config.RangeSets.Count];
        for (int i = 0; i < sets.Length; i++)
        {
            sets[i] = RangeSet.Create(Map(config.RangeSets[i], r => AddressRange.Create(
                ToPrefix(r.Subnet), Optional(r.RangeStart), Optional(r.RangeEnd), Optional(r.Gateway), [.. excludedEverywhere, .. Map(r.Exclude, ToPrefix)])));
        }

        return AddressPool.Create(sets);

        static IpAddress? Optional(IPAddress? address) => address is null ? null : IpAddress.From(address);
    }

    private static HostPort ToHostPort(PortMapping port) => new(
        port.Protocol switch
        {
            "tcp" => Linux.Nft.Nft.TcpProtocol,
            "udp" => Linux.Nft.Nft.UdpProtocol,
            _ => Linux.Nft.Nft.Sctp,
        },
        (ushort)port.HostPort,
        (ushort)port.ContainerPort,
        port.HostIp is { } address ? IpAddress.From(address) : null);

    private static IpCidr ToCidr(IpPrefix prefix) => new(prefix.Address.ToIPAddress(), prefix.Length);

    private static FabricBandwidth ToBandwidth(CniBandwidth b)
        => b.ShapedSubnets.Count == 0 && b.UnshapedSubnets.Count == 0
            ? new FabricBandwidth(b.IngressRate, b.IngressBurst, b.EgressRate, b.EgressBurst)
            : throw CniException.Unsupported("shapedSubnets", b.ShapedSubnets.Count.ToString(CultureInfo.InvariantCulture), "shaping by subnet is not done here: chain the bandwidth plugin after twill");
}
