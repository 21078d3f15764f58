using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Agent.View;

/// <summary>Who has an address, as far as this node knows; pure.</summary>
/// <param name="State">One of the words below.</param>
/// <param name="Pod">Where a pod of this node has it; else null.</param>
/// <param name="Node">Another node whose block it is of; empty: none, or the name is not known.</param>
/// <param name="Text">One sentence.</param>
internal sealed record AddressAnswer(IpAddress Address, string State, PodUse? Pod, string Node, string Text)
{
    internal const string Used = "used", Unfinished = "unfinished", Gateway = "gateway", Reserved = "reserved", Free = "free", Elsewhere = "elsewhere", Foreign = "foreign";

    /// <summary>Somebody has it.</summary>
    internal bool IsTaken => State is Used or Unfinished or Gateway or Elsewhere;

    /// <param name="kernel">Of this node.</param>
    /// <param name="nodes">All of the cluster; without an agent those behind our routes, without names.</param>
    internal static AddressAnswer Of(KernelView kernel, IReadOnlyList<NodeLine> nodes, IpAddress address)
    {
        foreach (PodUse pod in kernel.Pods)
        {
            if (pod.Addresses.Any(a => Is(a, address))) return new AddressAnswer(address, Used, pod, "", $"pod {pod.Pod}, {pod.IfName} behind {pod.Host}");
        }

        foreach (string host in kernel.Unfinished)
        {
            if (!ClaimName.TryParse(host, host[2..7], out IpAddress claimed) || claimed != address) continue;
            return new AddressAnswer(address, Unfinished, null, "", kernel.Abandoned.Contains(host) ? $"{host}, whose ADD died: the runtime's DEL or GC frees it, or: ip link del {host}" : $"{host}, which is being attached now");
        }

        foreach (BridgeUse bridge in kernel.Bridges)
        {
            if (bridge.Addresses.Any(a => a.Address == address)) return new AddressAnswer(address, Gateway, null, "", $"bridge {bridge.Name} of this node, the gateway of its pods");
        }

        foreach (SubnetUse use in kernel.Subnets)
        {
            if (!use.Subnet.Contains(address)) continue;
            if (address == use.Subnet.First || (!address.IsV6 && address == use.Subnet.Last)) return new AddressAnswer(address, Reserved, null, "", $"nobody: the {(address == use.Subnet.First ? "first" : "last")} address of {use.Subnet}, which no pod gets");
            return new AddressAnswer(address, Free, null, "", $"nobody: free in {use.Subnet}");
        }

        foreach (NodeLine node in nodes.Where(n => n.Way != "self"))
        {
            if (!node.Blocks.Any(b => IpPrefix.TryParse(b, out IpPrefix block) && block.Contains(address))) continue;
            string who = node.Name.Length > 0 ? node.Name : node.Addresses is [var known, ..] ? $"the node {known}" : "another node";
            return new AddressAnswer(address, Elsewhere, null, node.Name, $"a pod of {who}, if any (way: {node.Way}): ask there");
        }

        return new AddressAnswer(address, Foreign, null, "", "no address of the pods' blocks that this node knows");
    }

    private static bool Is(string prefix, IpAddress address) => IpPrefix.TryParse(prefix, out IpPrefix own) && own.Address == address;
}
