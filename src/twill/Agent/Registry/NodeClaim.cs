using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>What a node asks of the registry.</summary>
internal sealed record NodeClaim
{
    public const int MaxNameLength = 253;

    /// <summary>As the host is called: letters, digits, '-', '_' and '.'.</summary>
    public required string Name { get; init; }

    /// <summary>Which machine this is, the same after every restart; like the contents of /etc/machine-id.</summary>
    public required string Id { get; init; }

    /// <summary>By which other nodes reach this one, with the link's prefix length; one of each family at most.</summary>
    public required IReadOnlyList<IpPrefix> Addresses { get; init; }

    /// <summary>These blocks or none: taken ones are refused, with their owner.</summary>
    public IReadOnlyList<IpPrefix> Required { get; init; } = [];

    /// <summary>These if they are free (what this node had before), else any.</summary>
    public IReadOnlyList<IpPrefix> Preferred { get; init; } = [];
}
