using Twill.Linux.Route;

namespace Twill.Linux.Conntrack;

/// <summary>One direction of a tracked connection.</summary>
public readonly record struct ConntrackTuple(IpAddress Source, IpAddress Target, byte Protocol, ushort SourcePort, ushort TargetPort);

/// <summary>A tracked connection: what was asked for, and what answers. They mirror each other unless something is translated.</summary>
/// <param name="Id">The kernel's number: a deletion with it cannot hit a successor of the same addresses.</param>
/// <param name="Zone">0: the default zone.</param>
public readonly record struct ConntrackFlow(ConntrackTuple Original, ConntrackTuple Reply, uint Id, ushort Zone);
