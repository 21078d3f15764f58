using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>A filter as the kernel told it, read without allocating. Valid as long as the message.</summary>
/// <remarks>Source: RTM_NEWTFILTER, include/uapi/linux/pkt_cls.h.</remarks>
public readonly ref struct FilterView
{
    private readonly ReadOnlySpan<byte> _options;

    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other.</exception>
    public FilterView(in NetlinkMessage message)
    {
        TcMsg header = message.Header<TcMsg>();
        Dev = new IfIndex(header.tcm_ifindex);
        Handle = header.tcm_handle;
        Parent = new TcHandle(header.tcm_parent);
        Priority = (ushort)(header.tcm_info >> 16);
        AttributeReader attributes = message.Attributes<TcMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == RtnetlinkUapi.TCA_KIND) Kind = attributes.StringBytes();
            else if (attributes.Type == RtnetlinkUapi.TCA_OPTIONS) _options = attributes.Payload;
        }
    }

    public IfIndex Dev { get; }

    /// <summary>In the classifier's own numbering; u32 shows its hash tables as filters too.</summary>
    public uint Handle { get; }

    public TcHandle Parent { get; }

    public ushort Priority { get; }

    /// <summary>"u32", "matchall", "bpf".</summary>
    public ReadOnlySpan<byte> Kind { get; }

    /// <summary>Where the first mirred action sends packets; null where there is none.</summary>
    public IfIndex? ReadRedirect()
    {
        ushort list;
        if (Kind.SequenceEqual("u32"u8)) list = PktClsUapi.TCA_U32_ACT;
        else if (Kind.SequenceEqual("matchall"u8)) list = PktClsUapi.TCA_MATCHALL_ACT;
        else return null;

        var options = new AttributeReader(_options);
        while (options.Next())
        {
            if (options.Type != list) continue;
            AttributeReader actions = options.Nested();
            while (actions.Next())
            {
                if (Mirred(actions.Nested()) is { } target) return target;
            }
        }

        return null;
    }

    /// <summary>A copy that outlives the message.</summary>
    public Filter ToFilter() => new()
    {
        Dev = Dev,
        Handle = Handle,
        Parent = Parent,
        Priority = Priority,
        Kind = Encoding.UTF8.GetString(Kind),
        RedirectTo = ReadRedirect(),
    };

    private static IfIndex? Mirred(AttributeReader action)
    {
        bool isMirred = false;
        while (action.Next())
        {
            if (action.Type == PktClsUapi.TCA_ACT_KIND) isMirred = action.StringBytes().SequenceEqual("mirred"u8);
            if (action.Type != PktClsUapi.TCA_ACT_OPTIONS || !isMirred) continue;
            AttributeReader options = action.Nested();
            while (options.Next())
            {
                if (options.Type == PktClsUapi.TCA_MIRRED_PARMS) return new IfIndex((int)options.Struct<TcMirred>().ifindex);
            }
        }

        return null;
    }
}
