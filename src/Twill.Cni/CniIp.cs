using System.Net;

namespace Twill.Cni;

/// <summary>An address in a result.</summary>
/// <param name="Address">With the prefix length of its subnet; host bits are the point.</param>
/// <param name="Gateway">The default gateway of the subnet, where there is one.</param>
/// <param name="Interface">Index into the result's interfaces; null from an IPAM plugin and in the form of 0.2.0.</param>
public sealed record CniIp(IpCidr Address, IPAddress? Gateway = null, int? Interface = null);
