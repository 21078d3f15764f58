using System.Buffers.Binary;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Linux.Icmp;

/// <summary>Sends echo requests from a network namespace, and sees every echo request and reply that arrives there.</summary>
/// <remarks>
/// A raw socket, so the far side's socket sees a request with the source address it arrived with; the kernel answers it.
/// Never blocks: <see cref="Wait"/>. Source: RFC 792, RFC 4443; man 7 raw, man 7 icmp.
/// </remarks>
public sealed unsafe class EchoSocket : IDisposable
{
    /// <summary>Bytes of payload at most.</summary>
    public const int MaxPayload = 64;

    private const int IPPROTO_ICMP = 1, IPPROTO_ICMPV6 = 58, SOL_RAW = 255, ICMP_FILTER = 1, ICMPV6_FILTER = 1;
    private const int HeaderBytes = 8, MaxIpHeader = 60, ReceiveBufferBytes = 1 << 20;
    private const byte RequestV4 = 8, ReplyV4 = 0, RequestV6 = 128, ReplyV6 = 129;

    private readonly Descriptor _socket;
    private readonly bool _v6;

    private EchoSocket(Descriptor socket, bool v6)
    {
        _socket = socket;
        _v6 = v6;
    }

    /// <exception cref="LinuxException">EPERM: raw sockets need CAP_NET_RAW.</exception>
    public static EchoSocket Open(NetworkNamespace network, bool v6)
    {
        Descriptor socket = network.OpenSocket(v6 ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_RAW | Libc.SOCK_NONBLOCK, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
        int size = ReceiveBufferBytes;
        _ = Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &size, sizeof(int));
        if (v6)
        {
            // struct icmp6_filter: a set bit blocks its type.
            uint* blocked = stackalloc uint[8];
            for (int i = 0; i < 8; i++) blocked[i] = uint.MaxValue;
            blocked[RequestV6 >> 5] &= ~((1u << (RequestV6 & 31)) | (1u << (ReplyV6 & 31)));
            _ = Libc.setsockopt(socket.Number, IPPROTO_ICMPV6, ICMPV6_FILTER, blocked, 32);
        }
        else
        {
            uint blocked = ~((1u << RequestV4) | (1u << ReplyV4));
            _ = Libc.setsockopt(socket.Number, SOL_RAW, ICMP_FILTER, &blocked, sizeof(uint));
        }

        return new EchoSocket(socket, v6);
    }

    /// <summary>For poll(2) beside others.</summary>
    public int DescriptorNumber => _socket.Number;

    public void Dispose() => _socket.Dispose();

    /// <returns>None, or why it cannot leave here: ENETUNREACH no route, EPERM a filter, EAGAIN the queue is full.</returns>
    public Errno Send(IpAddress to, ushort id, ushort sequence, ReadOnlySpan<byte> payload)
    {
        Span<byte> packet = stackalloc byte[HeaderBytes + MaxPayload];
        packet = packet[..(HeaderBytes + payload.Length)];
        packet.Clear();
        packet[0] = _v6 ? RequestV6 : RequestV4;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], id);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], sequence);
        payload.CopyTo(packet[HeaderBytes..]);
        if (!_v6) BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Checksum(packet)); // the kernel sums ICMPv6 itself

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

    /// <summary>Takes the next arrival, if there is one.</summary>
    /// <param name="payload">Where its payload is copied to, at least <see cref="MaxPayload"/> bytes.</param>
    public bool TryReceive(Span<byte> payload, out EchoArrival arrival)
    {
        arrival = default;
        Span<byte> buffer = stackalloc byte[MaxIpHeader + HeaderBytes + MaxPayload];
        byte* peer = stackalloc byte[28];
        while (true)
        {
            uint length = 28;
            nint n;
            fixed (byte* bytes = buffer) n = Libc.recvfrom(_socket.Number, bytes, (nuint)buffer.Length, 0, peer, &length);
            if (n < 0)
            {
                if (Libc.LastErrno == Errno.EINTR) continue;
                return false; // EAGAIN: empty; an error of an earlier packet says nothing about this one
            }

            ReadOnlySpan<byte> packet = buffer[..(int)n];
            if (!_v6) packet = packet[Math.Min((packet[0] & 0xf) * 4, packet.Length)..]; // IPv4 raw sockets give the IP header too
            if (packet.Length < HeaderBytes) continue;
            bool request = packet[0] == (_v6 ? RequestV6 : RequestV4);
            if (!request && packet[0] != (_v6 ? ReplyV6 : ReplyV4)) continue;
            packet[HeaderBytes..].CopyTo(payload);
            arrival = new EchoArrival(request, IpAddress.Read(new ReadOnlySpan<byte>(peer + (_v6 ? 8 : 4), _v6 ? 16 : 4)), packet.Length - HeaderBytes);
            return true;
        }
    }

    /// <summary>Waits until something has arrived at one of the sockets.</summary>
    /// <param name="ready">Which have something; as long as the list.</param>
    /// <param name="timeoutMs">At most, milliseconds.</param>
    /// <returns>How many have; 0 after the time.</returns>
    public static int Wait(IReadOnlyList<EchoSocket> sockets, Span<bool> ready, int timeoutMs)
    {
        var fds = new Libc.PollFd[sockets.Count];
        for (int i = 0; i < fds.Length; i++) fds[i] = new Libc.PollFd { Fd = sockets[i]._socket.Number, Events = Libc.POLLIN };
        int count;
        fixed (Libc.PollFd* p = fds) count = Libc.poll(p, (nuint)fds.Length, timeoutMs);
        for (int i = 0; i < fds.Length; i++) ready[i] = count > 0 && fds[i].Revents != 0;
        return Math.Max(count, 0);
    }

    /// <summary>RFC 1071.</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
