using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Who announces an address, as far as this node knows.</summary>
/// <param name="Holder">Of its record, as last read; null: nobody, or it is not known.</param>
/// <param name="Here">This node does.</param>
public sealed record AnnouncedAddress(IpAddress Address, string? Holder, bool Here);
