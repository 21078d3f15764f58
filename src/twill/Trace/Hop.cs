using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>A place where a packet can be seen.</summary>
internal sealed record HopPoint(string Namespace, string Device, bool Outgoing);

/// <summary>One step of a predicted way.</summary>
/// <param name="Place">"pod blue", "node1", "wire".</param>
/// <param name="Where">The interface, "routing" or "nftables".</param>
/// <param name="What">What happens there, in words.</param>
/// <param name="Ok">The packet goes on from here.</param>
internal sealed record Hop(string Place, string Where, string What, bool Ok)
{
    /// <summary>Where it is seen if it comes this far; null: it cannot be seen here, or does not come this far.</summary>
    internal HopPoint? Point { get; init; }

    /// <summary>The addresses that it should have there.</summary>
    internal IpAddress Source { get; init; }

    internal IpAddress Destination { get; init; }
}
