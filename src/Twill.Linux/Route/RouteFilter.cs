namespace Twill.Linux.Route;

/// <summary>Which routes a dump answers; null lets all pass. The kernel filters.</summary>
/// <param name="Family">AF_INET, AF_INET6, or 0 for both.</param>
public readonly record struct RouteFilter(byte Family = 0, RouteTable? Table = null, IfIndex? Dev = null, RouteProtocol? Protocol = null, RouteType? Type = null);
