using Twill.Linux.Route;

namespace Twill.Lab;

/// <summary>Somebody who pings or is pinged.</summary>
/// <param name="Name">Of its namespace.</param>
/// <param name="Address">Its own, as it sees it itself.</param>
/// <param name="Node">A pod's node; else empty.</param>
internal sealed record PingEndpoint(string Name, LabKind Kind, IpAddress Address, string Node = "");
