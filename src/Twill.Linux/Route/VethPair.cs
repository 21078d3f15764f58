namespace Twill.Linux.Route;

/// <summary>The indices of a pair just made.</summary>
/// <param name="Index">This end's, in the socket's namespace.</param>
/// <param name="PeerIndex">The other end's, in its own namespace.</param>
public readonly record struct VethPair(IfIndex Index, IfIndex PeerIndex);
