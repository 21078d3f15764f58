using Twill.Linux.Route;

namespace Twill.Fabric.Model;

/// <summary>A route in the pod.</summary>
/// <param name="Destination">Host bits zero; length 0 is the default route.</param>
/// <param name="Gateway">Null: the gateway of the pod's address of the same family.</param>
/// <param name="Mtu">Path MTU in bytes.</param>
/// <param name="AdvMss">TCP segment size told to the other side, in bytes.</param>
/// <param name="Priority">Metric; lower wins.</param>
/// <param name="Table">Routing table; null is main.</param>
/// <param name="Scope">RT_SCOPE_*; null lets the kernel's tools' rule decide.</param>
public sealed record PodRoute(IpPrefix Destination, IpAddress? Gateway = null, int? Mtu = null, int? AdvMss = null, uint? Priority = null, uint? Table = null, byte? Scope = null);
