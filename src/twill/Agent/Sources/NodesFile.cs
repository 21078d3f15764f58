using Twill.Fabric.Model;
using Twill.Kube.Yaml;
using Twill.Linux.Route;

namespace Twill.Agent.Sources;

/// <summary>A list of nodes, as people write it, in YAML or JSON.</summary>
/// <remarks>
/// <code>
/// nodes:
/// - name: node1
///   addresses: [192.168.1.11]
///   podCIDRs: [10.244.1.0/24]
/// </code>
/// A zone may follow. An address may carry its link's prefix length; without one, what is on which link is read from the node itself.
/// </remarks>
internal static class NodesFile
{
    /// <exception cref="YamlException">With line, path, value and what is expected there.</exception>
    internal static IReadOnlyList<ClusterNode> Parse(ReadOnlySpan<byte> text, string document)
    {
        YamlNode root = YamlReader.Read(text, document);
        root.AllowOnly("nodes", "services");
        var nodes = new List<ClusterNode>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (YamlNode item in root.Need("nodes").Items())
        {
            ClusterNode node = Node(item);
            if (!lines.TryAdd(node.Name, item.Line)) throw item.Need("name").Invalid($"this node is in line {lines[node.Name]} already");
            nodes.Add(node);
        }

        return nodes;
    }

    private static ClusterNode Node(YamlNode item)
    {
        item.AllowOnly("name", "addresses", "podCIDRs", "zone");
        var node = new ClusterNode
        {
            Name = item.Need("name").String(),
            Addresses = [.. item.Need("addresses").Items().Select(Address)],
            PodBlocks = [.. (item.Find("podCIDRs")?.Items() ?? []).Select(Block)],
            Zone = item.Find("zone")?.String(),
        };
        OneOfEach(item.Need("addresses"), node.Addresses);
        if (item.Find("podCIDRs") is { } blocks) OneOfEach(blocks, node.PodBlocks);
        return node;
    }

    private static IpPrefix Address(YamlNode item)
    {
        string text = item.String();
        if (IpAddress.TryParse(text, out IpAddress bare)) return new IpPrefix(bare, bare.Bits);
        return IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw item.Invalid("expected an address of the node, such as 192.168.1.11 or 192.168.1.11/24");
    }

    private static IpPrefix Block(YamlNode item)
    {
        if (!IpPrefix.TryParse(item.String(), out IpPrefix prefix)) throw item.Invalid("expected the block that this node's pods get addresses from, such as 10.244.1.0/24");
        return prefix == prefix.Network ? prefix : throw item.Invalid($"bits behind the prefix are set; did you mean {prefix.Network}?");
    }

    private static void OneOfEach(YamlNode list, IReadOnlyList<IpPrefix> values)
    {
        for (int i = 1; i < values.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (values[i].IsV6 == values[j].IsV6) throw list.Items()[i].Invalid($"a second one of IPv{(values[i].IsV6 ? 6 : 4)} beside {values[j]}; a node has one of each family at most");
            }
        }
    }
}
