using System.Text;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Linux.Tc;

/// <summary>A qdisc as the kernel told it, read without allocating. Valid as long as the message.</summary>
/// <remarks>Source: RTM_NEWQDISC, include/uapi/linux/pkt_sched.h.</remarks>
public readonly ref struct QdiscView
{
    private readonly ReadOnlySpan<byte> _options;

    /// <exception cref="NetlinkProtocolException">Lengths that contradict each other.</exception>
    public QdiscView(in NetlinkMessage message)
    {
        TcMsg header = message.Header<TcMsg>();
        Dev = new IfIndex(header.tcm_ifindex);
        Handle = new TcHandle(header.tcm_handle);
        Parent = new TcHandle(header.tcm_parent);
        AttributeReader attributes = message.Attributes<TcMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == RtnetlinkUapi.TCA_KIND) Kind = attributes.StringBytes();
            else if (attributes.Type == RtnetlinkUapi.TCA_OPTIONS) _options = attributes.Payload;
        }
    }

    public IfIndex Dev { get; }

    public TcHandle Handle { get; }

    public TcHandle Parent { get; }

    /// <summary>"tbf", "ingress", "noqueue".</summary>
    public ReadOnlySpan<byte> Kind { get; }

    /// <summary>The settings of a token bucket; null where it is something else.</summary>
    public TbfInfo? ReadTbf()
    {
        if (!Kind.SequenceEqual("tbf"u8)) return null;
        TcTbfQopt parameters = default;
        ulong rate64 = 0;
        var attributes = new AttributeReader(_options);
        while (attributes.Next())
        {
            if (attributes.Type == PktSchedUapi.TCA_TBF_PARMS) parameters = attributes.Struct<TcTbfQopt>();
            else if (attributes.Type == PktSchedUapi.TCA_TBF_RATE64) rate64 = attributes.U64();
        }

        ulong rate = rate64 != 0 ? rate64 : parameters.rate.rate;
        return new TbfInfo(rate, TcRate.Bytes(rate, parameters.buffer), parameters.limit);
    }

    /// <summary>A copy that outlives the message.</summary>
    public Qdisc ToQdisc() => new() { Dev = Dev, Handle = Handle, Parent = Parent, Kind = Encoding.UTF8.GetString(Kind), Tbf = ReadTbf() };
}
