namespace Twill.Lab;

/// <summary>The lab as the kernel tells it; plain words and texts, so that drawing it is a pure function.</summary>
/// <remarks>Prefixes and addresses come IPv4 first.</remarks>
internal sealed record LabView(IReadOnlyList<NodeView> Nodes, RouterView? Router, InternetView? Internet);

/// <param name="Addresses">On the LAN, with prefix length, IPv4 first.</param>
/// <param name="Mtu">Of its LAN interface, bytes; 0 where there is none.</param>
internal sealed record NodeView(string Name, int Index, IReadOnlyList<string> Addresses, int Mtu, BridgeView? Bridge, IReadOnlyList<PodView> Pods, IReadOnlyList<RouteLine> Routes)
{
    /// <summary>The IPv4 address without its prefix length, or "?".</summary>
    internal string Address => Addresses.Count == 0 ? "?" : PodView.Bare(Addresses[0]);
}

internal sealed record BridgeView(string Name, IReadOnlyList<string> Addresses);

/// <param name="HostInterface">The node's end of its cable; null: it is not attached.</param>
/// <param name="Addresses">As the pod itself sees them, IPv4 first, with prefix length.</param>
/// <param name="NodeSays">As the node's end of the cable says.</param>
internal sealed record PodView(string Name, string Node, string Interface, string? HostInterface, IReadOnlyList<string> Addresses, IReadOnlyList<string> NodeSays, string? Gateway)
{
    internal string Address => Addresses.Count == 0 ? "?" : Bare(Addresses[0]);

    internal static string Bare(string prefix) => prefix.Split('/')[0];
}

/// <param name="Towards">Name of the node or router that the gateway is; null where nobody of the lab has it.</param>
internal sealed record RouteLine(string Destination, string Gateway, string? Towards);

internal sealed record RouterView(string Name, IReadOnlyList<string> Lan, IReadOnlyList<string> Border);

internal sealed record InternetView(string Name, IReadOnlyList<string> Addresses);
