using System.Diagnostics;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Netlink;

/// <summary>What waiting on a <see cref="NetlinkMonitor"/> ended with.</summary>
public enum MonitorEvent
{
    Received,
    TimedOut,

    /// <summary>The kernel dropped notifications (ENOBUFS): what is known is stale, dump again.</summary>
    Overrun,
}

/// <summary>Listens to multicast groups. Subscribe, then dump, then apply; and again after every overrun.</summary>
/// <remarks>A default receive buffer overflows after 89 notifications, fewer than 7 pods; this one is forced to 16 MiB.</remarks>
public sealed unsafe class NetlinkMonitor : IDisposable
{
    public const int ReceiveBufferBytes = 16 * 1024 * 1024;

    private readonly byte[] _receive = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private readonly Descriptor _socket;

    private NetlinkMonitor(Descriptor socket) => _socket = socket;

    public int DescriptorNumber => _socket.Number;

    /// <param name="protocol">NETLINK_ROUTE or NETLINK_NETFILTER.</param>
    /// <param name="groups">Group numbers (RTNLGRP_LINK, NFNLGRP_NFTABLES), not masks.</param>
    /// <param name="receiveBufferBytes">SO_RCVBUFFORCE; the kernel doubles it.</param>
    public static NetlinkMonitor Open(int protocol, ReadOnlySpan<uint> groups, NetworkNamespace? network = null, int receiveBufferBytes = ReceiveBufferBytes)
    {
        Descriptor socket = NetlinkSocket.OpenDescriptor(protocol, network);
        if (Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &receiveBufferBytes, 4) < 0)
            _ = Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUF, &receiveBufferBytes, 4); // without CAP_NET_ADMIN: as much as allowed

        // Unbound, the socket has port 0, and the kernel leaves port 0 out of every notification that no one asked to be echoed
        // (exclude_portid in net/netlink/af_netlink.c): it would hear almost nothing.
        var any = new Libc.SockAddrNl { Family = Libc.AF_NETLINK };
        if (Libc.bind(socket.Number, &any, (uint)sizeof(Libc.SockAddrNl)) < 0)
        {
            Errno errno = Libc.LastErrno;
            socket.Dispose();
            throw new LinuxException("cannot bind a netlink socket", errno);
        }

        foreach (uint group in groups)
        {
            uint value = group;
            if (Libc.setsockopt(socket.Number, Libc.SOL_NETLINK, NetlinkUapi.NETLINK_ADD_MEMBERSHIP, &value, 4) < 0)
            {
                Errno errno = Libc.LastErrno;
                socket.Dispose();
                throw new LinuxException($"cannot listen to netlink group {group}", errno);
            }
        }

        return new NetlinkMonitor(socket);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Waits for notifications and hands all of one datagram to the reader.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 looks without waiting, -1 waits for ever.</param>
    public MonitorEvent Wait<T>(int timeoutMs, ref T reader)
        where T : INetlinkReader
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            int left = timeoutMs < 0 ? -1 : Math.Max(0, timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            var poll = new Libc.PollFd { Fd = _socket.Number, Events = Libc.POLLIN };
            int ready = Libc.poll(&poll, 1, left);
            if (ready < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (ready < 0) throw new LinuxException("cannot wait for netlink notifications", Libc.LastErrno);
            if (ready == 0) return MonitorEvent.TimedOut;

            Libc.SockAddrNl sender = default;
            uint length = (uint)sizeof(Libc.SockAddrNl);
            nint n;
            fixed (byte* p = _receive) n = Libc.recvfrom(_socket.Number, p, (nuint)_receive.Length, Libc.MSG_TRUNC | Libc.MSG_DONTWAIT, &sender, &length);
            if (n < 0)
            {
                Errno errno = Libc.LastErrno;
                if (errno == Errno.ENOBUFS) return MonitorEvent.Overrun;
                if (errno is Errno.EINTR or Errno.EAGAIN) continue;
                throw new LinuxException("cannot receive netlink notifications", errno);
            }

            if (sender.Pid != 0) continue; // only the kernel is believed
            if (n > _receive.Length) return MonitorEvent.Overrun; // one notification larger than the buffer: as good as lost
            ReadOnlySpan<byte> rest = _receive.AsSpan(0, (int)n);
            while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message)) reader.Read(message);
            return MonitorEvent.Received;
        }
    }
}
