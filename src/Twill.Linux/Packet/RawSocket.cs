using System.Buffers.Binary;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Linux.Packet;

/// <summary>Sends packets of one transport protocol, header by the caller, from a network namespace. The kernel writes the IP header.</summary>
/// <remarks>
/// Every packet says "don't fragment", and what earlier packets taught the kernel about path MTUs is not looked at: each finds out
/// anew. Source: man 7 raw; IP_MTU_DISCOVER in man 7 ip, IPV6_CHECKSUM in RFC 3542 section 3.1.
/// </remarks>
public sealed unsafe class RawSocket : IDisposable
{
    private const int IPPROTO_IP = 0, IPPROTO_IPV6 = 41, IP_MTU_DISCOVER = 10, IPV6_MTU_DISCOVER = 23, IPV6_DONTFRAG = 62, IPV6_CHECKSUM = 7, PMTUDISC_PROBE = 3;
    private const int ReceiveBufferBytes = 2048;

    private readonly Descriptor _socket;
    private readonly bool _v6;

    private RawSocket(Descriptor socket, bool v6)
    {
        _socket = socket;
        _v6 = v6;
    }

    /// <param name="protocol">1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6.</param>
    /// <param name="checksumOffset">Where the transport header has its checksum: of IPv6 the kernel writes it; -1: the kernel knows.</param>
    /// <exception cref="LinuxException">EPERM: raw sockets need CAP_NET_RAW.</exception>
    public static RawSocket Open(NetworkNamespace network, bool v6, byte protocol, int checksumOffset = -1)
    {
        Descriptor socket = network.OpenSocket(v6 ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_RAW | Libc.SOCK_NONBLOCK, protocol);
        int size = ReceiveBufferBytes, probe = PMTUDISC_PROBE, on = 1;
        _ = Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUF, &size, sizeof(int)); // nobody reads it
        if (v6)
        {
            _ = Libc.setsockopt(socket.Number, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof(int));
            _ = Libc.setsockopt(socket.Number, IPPROTO_IPV6, IPV6_DONTFRAG, &on, sizeof(int));
            if (checksumOffset >= 0) _ = Libc.setsockopt(socket.Number, IPPROTO_IPV6, IPV6_CHECKSUM, &checksumOffset, sizeof(int));
        }
        else
        {
            _ = Libc.setsockopt(socket.Number, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof(int));
        }

        return new RawSocket(socket, v6);
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>None, or why it cannot leave here: ENETUNREACH no route, EPERM a filter, EMSGSIZE larger than the interface's MTU.</returns>
    public Errno Send(IpAddress to, ReadOnlySpan<byte> packet)
    {
        Span<byte> address = stackalloc byte[28]; // struct sockaddr_in6; sockaddr_in is its first 16 bytes
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, to.Family);
        to.Write(address[(_v6 ? 8 : 4)..]);
        while (true)
        {
            nint sent;
            fixed (byte* bytes = packet)
            fixed (byte* peer = address) sent = Libc.sendto(_socket.Number, bytes, (nuint)packet.Length, 0, peer, _v6 ? 28u : 16u);
            if (sent >= 0) return Errno.None;
            Errno errno = Libc.LastErrno;
            if (errno != Errno.EINTR) return errno;
        }
    }
}
