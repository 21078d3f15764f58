using System.Net;
using System.Runtime.InteropServices;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Bench;

/// <summary>What a namespace holds, asked of the kernel; outside the clock.</summary>
public static class KernelView
{
    // Source: include/uapi/linux/rtnetlink.h, if_link.h, if_addr.h, linux/veth.h.
    private const ushort RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_GETADDR = 22;
    private const ushort IFLA_IFNAME = 3, IFLA_LINKINFO = 18, IFLA_NET_NS_FD = 28, IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2, VETH_INFO_PEER = 1;
    private const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2;
    private const uint RTNLGRP_LINK = 1;
    private const ushort RTM_DELLINK = 17;
    private const int SettleTimeoutMs = 60_000;

    [StructLayout(LayoutKind.Sequential)]
    private struct IfInfo
    {
        public byte Family;
        public byte Pad;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint Change;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IfAddr
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public int Index;
    }

    /// <summary>Names of all links by index.</summary>
    public static SortedDictionary<int, string> Links(NetworkNamespace network)
    {
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE, network);
        NetlinkBatch batch = socket.NewBatch();
        batch.Begin(RTM_GETLINK, NetlinkUapi.NLM_F_DUMP);
        batch.Header(default(IfInfo));
        var reader = new LinkReader { Names = [] };
        socket.Dump(batch, ref reader).ThrowIfFailed("cannot list links");
        return reader.Names;
    }

    /// <summary>Addresses with their prefix length, e.g. 10.88.0.2/16, of one interface.</summary>
    public static HashSet<string> Addresses(NetworkNamespace network, int ifIndex)
    {
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE, network);
        NetlinkBatch batch = socket.NewBatch();
        batch.Begin(RTM_GETADDR, NetlinkUapi.NLM_F_DUMP);
        batch.Header(default(IfAddr));
        var reader = new AddressReader { Index = ifIndex, Found = [] };
        socket.Dump(batch, ref reader).ThrowIfFailed("cannot list addresses");
        return reader.Found;
    }

    /// <summary>Waits until the kernel has finished with every namespace released before.</summary>
    /// <remarks>
    /// It takes released namespaces down in order, in the background, holding locks that the next measurement needs. So one more is
    /// released, with one end of a veth pair inside: when the other end has gone, those before are done.
    /// </remarks>
    public static void Settle(NetworkNamespace own)
    {
        using NetlinkMonitor monitor = NetlinkMonitor.Open(NetlinkUapi.NETLINK_ROUTE, [RTNLGRP_LINK], own);
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_ROUTE, own);
        const string Name = "twb-last";
        using (NetworkNamespace last = NetworkNamespace.Create())
        {
            NetlinkBatch batch = socket.NewBatch();
            batch.Begin(RTM_NEWLINK, NetlinkUapi.NLM_F_CREATE | NetlinkUapi.NLM_F_EXCL | NetlinkUapi.NLM_F_ACK);
            batch.Header(default(IfInfo));
            batch.String(IFLA_IFNAME, Name);
            int info = batch.BeginNest(IFLA_LINKINFO);
            batch.String(IFLA_INFO_KIND, "veth");
            int data = batch.BeginNest(IFLA_INFO_DATA);
            int peer = batch.BeginNest(VETH_INFO_PEER);
            batch.Raw(Marshal.SizeOf<IfInfo>()).Clear();
            batch.U32(IFLA_NET_NS_FD, (uint)last.DescriptorNumber);
            batch.EndNest(peer);
            batch.EndNest(data);
            batch.EndNest(info);
            socket.Execute(batch).ThrowIfFailed($"cannot make the veth pair {Name}");
        }

        var gone = new GoneReader { Name = Name };
        while (!gone.Gone)
        {
            if (monitor.Wait(SettleTimeoutMs, ref gone) != MonitorEvent.Received) throw new BenchException($"the kernel has not finished removing namespaces after {SettleTimeoutMs / 1000} s");
        }
    }

    private struct LinkReader : INetlinkReader
    {
        public SortedDictionary<int, string> Names;

        public readonly void Restart() => Names.Clear();

        public readonly void Read(in NetlinkMessage message)
        {
            AttributeReader attributes = message.Attributes<IfInfo>();
            while (attributes.Next())
            {
                if (attributes.Type == IFLA_IFNAME) Names[message.Header<IfInfo>().Index] = attributes.String();
            }
        }
    }

    private struct AddressReader : INetlinkReader
    {
        public int Index;
        public HashSet<string> Found;

        public readonly void Restart() => Found.Clear();

        public readonly void Read(in NetlinkMessage message)
        {
            IfAddr header = message.Header<IfAddr>();
            if (header.Index != Index) return;
            string? address = null, local = null;
            AttributeReader attributes = message.Attributes<IfAddr>();
            while (attributes.Next())
            {
                if (attributes.Type == IFA_ADDRESS) address = new IPAddress(attributes.Payload).ToString();
                else if (attributes.Type == IFA_LOCAL) local = new IPAddress(attributes.Payload).ToString();
            }

            Found.Add($"{local ?? address}/{header.PrefixLength}");
        }
    }

    private struct GoneReader : INetlinkReader
    {
        public string Name;
        public bool Gone;

        public readonly void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            if (message.Type != RTM_DELLINK) return;
            AttributeReader attributes = message.Attributes<IfInfo>();
            while (attributes.Next())
            {
                if (attributes.Type == IFLA_IFNAME && attributes.String() == Name) Gone = true;
            }
        }
    }
}
