using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Source: NTF_* in include/uapi/linux/neighbour.h.</summary>
[Flags]
public enum NeighbourFlags : byte
{
    None = 0,
    Use = NeighbourUapi.NTF_USE,

    /// <summary>A forwarding entry of the device itself: a VXLAN device's table.</summary>
    Self = NeighbourUapi.NTF_SELF,

    /// <summary>A forwarding entry of the bridge that the device is a port of.</summary>
    Master = NeighbourUapi.NTF_MASTER,

    /// <summary>This host answers for the address.</summary>
    Proxy = NeighbourUapi.NTF_PROXY,

    /// <summary>Made by a program that watches: not garbage collected.</summary>
    ExternallyLearned = NeighbourUapi.NTF_EXT_LEARNED,
    Offloaded = NeighbourUapi.NTF_OFFLOADED,

    /// <summary>Does not move to another port.</summary>
    Sticky = NeighbourUapi.NTF_STICKY,
    Router = NeighbourUapi.NTF_ROUTER,
}
