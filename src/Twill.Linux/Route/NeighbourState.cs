using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>How sure the kernel is of a neighbour's link address. Source: NUD_* in include/uapi/linux/neighbour.h.</summary>
[Flags]
public enum NeighbourState : ushort
{
    None = NeighbourUapi.NUD_NONE,
    Incomplete = NeighbourUapi.NUD_INCOMPLETE,
    Reachable = NeighbourUapi.NUD_REACHABLE,
    Stale = NeighbourUapi.NUD_STALE,
    Delay = NeighbourUapi.NUD_DELAY,
    Probe = NeighbourUapi.NUD_PROBE,
    Failed = NeighbourUapi.NUD_FAILED,

    /// <summary>Valid without being asked for; may be garbage collected. A static forwarding entry.</summary>
    NoArp = NeighbourUapi.NUD_NOARP,

    /// <summary>Stays until removed.</summary>
    Permanent = NeighbourUapi.NUD_PERMANENT,
}
