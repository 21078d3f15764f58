using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>The interface by which this node reaches other nodes.</summary>
public sealed record Underlay
{
    public required string Device { get; init; }

    /// <summary>With the link's prefix lengths: what they contain is on the link.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <summary>Bytes.</summary>
    public int Mtu { get; init; } = Linux.Route.Mtu.Ethernet.Value;

    /// <summary>Bytes it takes in one piece: <see cref="Linux.Route.Segments"/>.</summary>
    public int GsoMaxSize { get; init; } = Segments.UsualMax;

    /// <summary>Why this one, for people.</summary>
    public string Why { get; init; } = "";

    /// <summary>As the list of nodes tells it, without asking the kernel.</summary>
    public static Underlay Of(Cluster cluster, ClusterNode node) => new() { Device = cluster.Device, Addresses = node.Addresses, Why = "the cluster's description names it" };

    /// <summary>Whether the peer's address is on the link, and, where the peer says how long its prefix is, ours on the peer's.</summary>
    /// <remarks>Both, so that two nodes agree about the way between them.</remarks>
    public bool IsNear(IpPrefix peer)
    {
        foreach (IpPrefix own in Addresses)
        {
            if (own.Length == own.Address.Bits || !own.Contains(peer.Address)) continue;
            if (peer.Length == peer.Address.Bits || peer.Contains(own.Address)) return true;
        }

        return false;
    }

    public override string ToString() => $"{Device} ({TextOf(Addresses, ", ")}, MTU {Mtu}): {Why}";

    internal static string TextOf(IReadOnlyList<IpPrefix> prefixes, string between) => string.Join(between, prefixes.Select(p => p.ToString()));
}
