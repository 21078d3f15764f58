using Twill.Agent.Registry;
using Twill.Fabric.Ipam;
using Twill.Linux.Route;

namespace Twill.KernelTests.Etcd;

/// <summary>Claims and networks in few words.</summary>
internal static class Nodes
{
    public static IpPrefix Prefix(string text) => IpPrefix.Parse(text);

    public static NodeClaim Claim(string name, params string[] addresses) => new() { Name = name, Id = $"machine-{name}", Addresses = [.. addresses.Select(IpPrefix.Parse)] };

    /// <param name="pools">"CIDR LENGTH RESERVED..." each.</param>
    public static NetworkRecord Network(params string[] pools) => NetworkRecord.Create([.. pools.Select(p => p.Split(' ')).Select(w => BlockPool.Create(IpPrefix.Parse(w[0]), int.Parse(w[1]), [.. w[2..].Select(IpPrefix.Parse)]))]);
}
