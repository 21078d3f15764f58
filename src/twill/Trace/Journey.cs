using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>A routing decision on the way.</summary>
internal sealed record Turn(NamespaceState Space, IpAddress Destination, RouteDecision Decision);

/// <summary>A translation that a namespace remembers of a connection.</summary>
internal sealed record Translation(string Namespace, Packet Before, Packet After, string Words);

/// <summary>A predicted way, one direction.</summary>
/// <param name="Cause">Why it ends early; null: it arrives.</param>
/// <param name="Arrived">In whose namespace; null: nowhere.</param>
/// <param name="Packet">As it was at the end.</param>
internal sealed record Journey(IReadOnlyList<Hop> Hops, Cause? Cause, NamespaceState? Arrived, Packet Packet)
{
    internal IReadOnlyList<Turn> Turns { get; init; } = [];

    /// <summary>Most that a rule on the way chose among, by random or by a hash; 0: none did.</summary>
    internal int Choices { get; init; }

    /// <summary>Rules that were not understood.</summary>
    internal IReadOnlyList<string> Unknown { get; init; } = [];
}
