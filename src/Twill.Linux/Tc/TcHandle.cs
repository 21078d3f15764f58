using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>Names a qdisc or a class on its device: major:minor, 16 bits each.</summary>
public readonly record struct TcHandle(uint Value)
{
    /// <summary>The device's outgoing side, as a parent.</summary>
    public static TcHandle Root => new(PktSchedUapi.TC_H_ROOT);

    /// <summary>Incoming packets, as a parent of the qdisc "ingress" or "clsact".</summary>
    public static TcHandle Ingress => new(PktSchedUapi.TC_H_INGRESS);

    /// <summary>The parent of filters of incoming packets, under "clsact" and "ingress" alike.</summary>
    public static TcHandle IngressFilters => new((PktSchedUapi.TC_H_CLSACT & PktSchedUapi.TC_H_MAJ_MASK) | PktSchedUapi.TC_H_MIN_INGRESS);

    /// <summary>The parent of filters of outgoing packets, under "clsact".</summary>
    public static TcHandle EgressFilters => new((PktSchedUapi.TC_H_CLSACT & PktSchedUapi.TC_H_MAJ_MASK) | PktSchedUapi.TC_H_MIN_EGRESS);

    public static TcHandle Of(ushort major, ushort minor = 0) => new(((uint)major << 16) | minor);

    /// <summary>As `tc` prints it: "1:", "ffff:fff2", "root".</summary>
    public override string ToString() => Value switch
    {
        PktSchedUapi.TC_H_ROOT => "root",
        PktSchedUapi.TC_H_INGRESS => "ingress",
        _ => (Value & PktSchedUapi.TC_H_MIN_MASK) == 0 ? $"{Value >> 16:x}:" : $"{Value >> 16:x}:{Value & PktSchedUapi.TC_H_MIN_MASK:x}",
    };
}
