using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.CtnetlinkUapi;

namespace Twill.Linux.Conntrack;

/// <summary>The tracked connections of one namespace.</summary>
/// <remarks>Source: net/netfilter/nf_conntrack_netlink.c.</remarks>
public sealed class ConntrackSocket : IDisposable
{
    // Acknowledgements must fit the receive queue, which holds about 280.
    private const int DeletionsAtOnce = 100;

    private readonly NetlinkSocket _socket;

    private ConntrackSocket(NetlinkSocket socket) => _socket = socket;

    /// <param name="network">Null: the calling thread's.</param>
    public static ConntrackSocket Open(NetworkNamespace? network = null) => new(NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER, network));

    public void Dispose() => _socket.Dispose();

    /// <summary>Connections of a transport protocol, or of all, both families. Like: conntrack -L -p udp.</summary>
    /// <param name="protocol">Null: all.</param>
    /// <exception cref="NetlinkException">EPERM: CAP_NET_ADMIN is missing. EINVAL: the kernel has no ctnetlink.</exception>
    public IReadOnlyList<ConntrackFlow> Flows(byte? protocol = null)
    {
        NetlinkBatch request = _socket.NewBatch();
        Begin(request, IPCTNL_MSG_CT_GET, NetlinkUapi.NLM_F_DUMP, 0);
        var reader = new FlowReader(protocol);
        _socket.Dump(request, ref reader).ThrowIfFailed("cannot read tracked connections");
        return reader.Flows;
    }

    /// <summary>Forgets connections; those that are gone by themselves are fine. Like: conntrack -D.</summary>
    /// <returns>How many were there.</returns>
    public int Remove(IReadOnlyList<ConntrackFlow> flows)
    {
        int removed = 0;
        for (int start = 0; start < flows.Count; start += DeletionsAtOnce)
        {
            NetlinkBatch request = _socket.NewBatch();
            int end = Math.Min(flows.Count, start + DeletionsAtOnce);
            for (int i = start; i < end; i++) Deletion(request, flows[i]);
            var refusals = new List<NetlinkOutcome>();
            var nothing = default(NoReader);
            _socket.Execute(request, ref nothing, refusals);
            foreach (NetlinkOutcome refusal in refusals)
            {
                if (refusal.Errno != Errno.ENOENT) refusal.ThrowIfFailed("cannot remove a tracked connection");
            }

            removed += end - start - refusals.Count;
        }

        return removed;
    }

    private static void Begin(NetlinkBatch request, byte message, ushort flags, byte family)
    {
        request.Begin((ushort)((NFNL_SUBSYS_CTNETLINK << 8) | message), flags);
        request.Header(new NfnetlinkUapi.NfGenMsg { Family = family, Version = NfnetlinkUapi.NFNETLINK_V0 });
    }

    private static void Deletion(NetlinkBatch request, in ConntrackFlow flow)
    {
        bool v6 = flow.Original.Source.IsV6;
        Begin(request, IPCTNL_MSG_CT_DELETE, NetlinkUapi.NLM_F_ACK, flow.Original.Source.Family);
        int tuple = request.BeginNest(CTA_TUPLE_ORIG);
        int addresses = request.BeginNest(CTA_TUPLE_IP);
        flow.Original.Source.Write(request.Attribute(v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, flow.Original.Source.Length));
        flow.Original.Target.Write(request.Attribute(v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, flow.Original.Target.Length));
        request.EndNest(addresses);
        int protocol = request.BeginNest(CTA_TUPLE_PROTO);
        request.U8(CTA_PROTO_NUM, flow.Original.Protocol);
        request.U16Be(CTA_PROTO_SRC_PORT, flow.Original.SourcePort);
        request.U16Be(CTA_PROTO_DST_PORT, flow.Original.TargetPort);
        request.EndNest(protocol);
        request.EndNest(tuple);
        request.U32Be(CTA_ID, flow.Id);
        if (flow.Zone != 0) request.U16Be(CTA_ZONE, flow.Zone);
    }

    private readonly struct FlowReader(byte? protocol) : INetlinkReader
    {
        internal List<ConntrackFlow> Flows { get; } = [];

        public void Restart() => Flows.Clear();

        public void Read(in NetlinkMessage message)
        {
            ConntrackTuple original = default, reply = default;
            uint id = 0;
            ushort zone = 0;
            AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
            while (attributes.Next())
            {
                switch (attributes.Type)
                {
                    case CTA_TUPLE_ORIG: original = Tuple(attributes.Nested()); break;
                    case CTA_TUPLE_REPLY: reply = Tuple(attributes.Nested()); break;
                    case CTA_ID: id = attributes.U32Be(); break;
                    case CTA_ZONE: zone = attributes.U16Be(); break;
                }
            }

            if (protocol is null || original.Protocol == protocol) Flows.Add(new ConntrackFlow(original, reply, id, zone));
        }

        private static ConntrackTuple Tuple(AttributeReader tuple)
        {
            IpAddress source = default, target = default;
            byte protocol = 0;
            ushort sourcePort = 0, targetPort = 0;
            while (tuple.Next())
            {
                if (tuple.Type is not CTA_TUPLE_IP and not CTA_TUPLE_PROTO) continue;
                bool addresses = tuple.Type == CTA_TUPLE_IP;
                AttributeReader inner = tuple.Nested();
                while (inner.Next())
                {
                    if (addresses && inner.Type is (CTA_IP_V4_SRC or CTA_IP_V6_SRC)) source = IpAddress.Read(inner.Payload);
                    else if (addresses && inner.Type is (CTA_IP_V4_DST or CTA_IP_V6_DST)) target = IpAddress.Read(inner.Payload);
                    else if (addresses) continue;
                    else if (inner.Type == CTA_PROTO_NUM) protocol = inner.U8();
                    else if (inner.Type == CTA_PROTO_SRC_PORT) sourcePort = inner.U16Be();
                    else if (inner.Type == CTA_PROTO_DST_PORT) targetPort = inner.U16Be();
                }
            }

            return new ConntrackTuple(source, target, protocol, sourcePort, targetPort);
        }
    }
}
