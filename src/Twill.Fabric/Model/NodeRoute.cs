using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A route of the node that bears our mark. Prints itself as `ip route` takes it, without the device.</summary>
/// <param name="Gateway">Null only as the kernel may tell it: we make none without.</param>
/// <param name="Device">Null: the node's interface on the underlay.</param>
/// <param name="OnLink">The gateway is behind the device whatever the addresses say: the other end of a tunnel.</param>
public sealed record NodeRoute(IpPrefix Destination, IpAddress? Gateway, string? Device = null, bool OnLink = false)
{
    public override string ToString() => $"{(Destination.Length == 0 ? "default" : Destination.ToString())}{(Gateway is null ? "" : $" via {Gateway}")}";
}
