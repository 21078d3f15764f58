namespace Twill.Linux.Uapi;

/// <summary>Source: include/uapi/linux/netfilter/nfnetlink.h and netfilter.h.</summary>
public static class NfnetlinkUapi
{
    public const byte NFNL_SUBSYS_NFTABLES = 10;
    public const ushort NFNL_MSG_BATCH_BEGIN = 0x10, NFNL_MSG_BATCH_END = 0x11;
    public const ushort NFNL_BATCH_GENID = 1;
    public const byte NFNETLINK_V0 = 0;
    public const uint NFNLGRP_NFTABLES = 7, NFNLGRP_NFTRACE = 9;

    public const byte NFPROTO_UNSPEC = 0, NFPROTO_INET = 1, NFPROTO_IPV4 = 2, NFPROTO_ARP = 3, NFPROTO_NETDEV = 5, NFPROTO_BRIDGE = 7, NFPROTO_IPV6 = 10;
    public const uint NF_INET_PRE_ROUTING = 0, NF_INET_LOCAL_IN = 1, NF_INET_FORWARD = 2, NF_INET_LOCAL_OUT = 3, NF_INET_POST_ROUTING = 4, NF_INET_INGRESS = 5;
    public const uint NF_NETDEV_INGRESS = 0, NF_NETDEV_EGRESS = 1;
    public const int NF_DROP = 0, NF_ACCEPT = 1, NF_STOLEN = 2, NF_QUEUE = 3;

    /// <summary>struct nfgenmsg, 4 bytes: the header of every nfnetlink message.</summary>
    public struct NfGenMsg
    {
        public byte Family;
        public byte Version;

        /// <summary>Network byte order. In a batch's begin and end the subsystem; in answers the low half of the generation.</summary>
        public ushort ResourceIdBe;
    }
}
