using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>A table's address family. Values are the kernel's NFPROTO_*.</summary>
public enum NftFamily : byte
{
    Unspecified = NfnetlinkUapi.NFPROTO_UNSPEC,
    Inet = NfnetlinkUapi.NFPROTO_INET,
    Ip = NfnetlinkUapi.NFPROTO_IPV4,
    Arp = NfnetlinkUapi.NFPROTO_ARP,
    Netdev = NfnetlinkUapi.NFPROTO_NETDEV,
    Bridge = NfnetlinkUapi.NFPROTO_BRIDGE,
    Ip6 = NfnetlinkUapi.NFPROTO_IPV6,
}

/// <summary>nft's words for the kernel's numbers.</summary>
public static class NftFamilyText
{
    extension(NftFamily family)
    {
        /// <summary>"inet", "ip", "ip6", ...: as nft writes it.</summary>
        public string Keyword => family switch
        {
            NftFamily.Inet => "inet",
            NftFamily.Ip => "ip",
            NftFamily.Arp => "arp",
            NftFamily.Netdev => "netdev",
            NftFamily.Bridge => "bridge",
            NftFamily.Ip6 => "ip6",
            _ => $"family{(byte)family}",
        };
    }
}
