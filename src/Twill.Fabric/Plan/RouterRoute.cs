using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>A route that somebody outside of the nodes needs.</summary>
/// <param name="Of">What is there, for people: "pods of node2", "service default/web".</param>
/// <param name="Hops">Any of them; empty: no node can be reached in this family, or none has an endpoint.</param>
public sealed record RouterRoute(IpPrefix Destination, string Of, IReadOnlyList<RouterHop> Hops);

/// <summary>A node as a next hop.</summary>
public sealed record RouterHop(string Node, IpAddress Address);
