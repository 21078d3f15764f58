using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

/// <summary>Writes messages about namespace ids: small numbers by which one namespace names another, seen in <see cref="LinkView.LinkNamespaceId"/>.</summary>
/// <remarks>Source: include/uapi/linux/net_namespace.h.</remarks>
public static class NamespaceIdRequests
{
    /// <summary>Gives the other namespace an id here. Like: ip netns set NAME ID. EEXIST: it has one.</summary>
    /// <param name="id">Null: the kernel chooses.</param>
    public static void Add(NetlinkBatch batch, NetworkNamespace other, int? id = null)
    {
        batch.Begin(RtnetlinkUapi.RTM_NEWNSID, NetlinkUapi.NLM_F_ACK);
        batch.Header(default(RtGenMsg));
        batch.I32(NetNamespaceUapi.NETNSA_NSID, id ?? -1);
        batch.I32(NetNamespaceUapi.NETNSA_FD, other.DescriptorNumber);
    }

    /// <summary>For <see cref="NetlinkSocket.Query"/>. Like: ip netns list-id target-nsid.</summary>
    public static void Get(NetlinkBatch batch, NetworkNamespace other)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETNSID, 0);
        batch.Header(default(RtGenMsg));
        batch.I32(NetNamespaceUapi.NETNSA_FD, other.DescriptorNumber);
    }

    /// <summary>Like: ip netns list-id.</summary>
    public static void Dump(NetlinkBatch batch)
    {
        batch.Begin(RtnetlinkUapi.RTM_GETNSID, NetlinkUapi.NLM_F_DUMP);
        batch.Header(default(RtGenMsg));
    }

    /// <returns>-1: none is given.</returns>
    internal static int Read(in NetlinkMessage message)
    {
        AttributeReader attributes = message.Attributes<RtGenMsg>();
        while (attributes.Next())
        {
            if (attributes.Type == NetNamespaceUapi.NETNSA_NSID) return attributes.I32();
        }

        return NetNamespaceUapi.NETNSA_NSID_NOT_ASSIGNED;
    }
}
