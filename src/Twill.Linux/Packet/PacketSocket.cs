using System.Buffers.Binary;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Linux.Packet;

/// <summary>Sees every packet that passes any interface of a network namespace, with the kernel's time. Like: tcpdump -i any.</summary>
/// <remarks>
/// Never blocks: <see cref="Wait"/>. Source: man 7 packet, SO_TIMESTAMPNS in Documentation/networking/timestamping.rst.
/// Closing waits for an RCU grace period (10 to 30 ms): close many at once from several threads.
/// </remarks>
public sealed unsafe class PacketSocket : IDisposable
{
    private const int ETH_P_ALL = 0x0003, SO_TIMESTAMPNS = 35, PACKET_OTHERHOST = 3, PACKET_OUTGOING = 4;
    private const int ReceiveBufferBytes = 4 << 20, ControlBytes = 128;

    private readonly Descriptor _socket;

    private PacketSocket(Descriptor socket) => _socket = socket;

    /// <exception cref="LinuxException">EPERM: packet sockets need CAP_NET_RAW.</exception>
    public static PacketSocket Open(NetworkNamespace network)
    {
        Descriptor socket = network.OpenSocket(Libc.AF_PACKET, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK, BinaryPrimitives.ReverseEndianness((ushort)ETH_P_ALL));
        int on = 1, size = ReceiveBufferBytes;
        _ = Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(int));
        _ = Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &size, sizeof(int));
        return new PacketSocket(socket);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Takes the next packet, if there is one.</summary>
    /// <param name="packet">Where its bytes from the network header on are copied to, as far as they fit.</param>
    public bool TryReceive(Span<byte> packet, out PacketArrival arrival)
    {
        arrival = default;
        byte* name = stackalloc byte[20]; // struct sockaddr_ll
        byte* control = stackalloc byte[ControlBytes];
        fixed (byte* bytes = packet)
        {
            var vector = new Libc.IoVec { Base = bytes, Length = (nuint)packet.Length };
            var message = new Libc.MsgHdr { Name = name, NameLength = 20, Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes };
            nint n;
            while ((n = Libc.recvmsg(_socket.Number, &message, Libc.MSG_TRUNC)) < 0)
            {
                if (Libc.LastErrno != Errno.EINTR) return false; // EAGAIN: empty; ENETDOWN: an interface went, the next call goes on
            }

            var address = new ReadOnlySpan<byte>(name, 20);
            byte type = address[10];
            arrival = new PacketArrival(
                new IfIndex(BinaryPrimitives.ReadInt32LittleEndian(address[4..])), type == PACKET_OUTGOING, type == PACKET_OTHERHOST,
                BinaryPrimitives.ReadUInt16BigEndian(address[2..]), Time(new ReadOnlySpan<byte>(control, (int)message.ControlLength)), (int)n);
            return true;
        }
    }

    /// <summary>Waits until something has passed in one of the namespaces.</summary>
    /// <param name="timeoutMs">At most, milliseconds.</param>
    public static bool Wait(IReadOnlyList<PacketSocket> sockets, int timeoutMs)
    {
        var fds = new Libc.PollFd[sockets.Count];
        for (int i = 0; i < fds.Length; i++) fds[i] = new Libc.PollFd { Fd = sockets[i]._socket.Number, Events = Libc.POLLIN };
        fixed (Libc.PollFd* p = fds) return Libc.poll(p, (nuint)fds.Length, timeoutMs) > 0;
    }

    /// <summary>struct cmsghdr is 16 bytes, then struct timespec.</summary>
    private static long Time(ReadOnlySpan<byte> control)
    {
        while (control.Length >= 16)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(control);
            if (length < 16 || length > control.Length) return 0;
            if (length >= 32 && BinaryPrimitives.ReadInt32LittleEndian(control[8..]) == Libc.SOL_SOCKET && BinaryPrimitives.ReadInt32LittleEndian(control[12..]) == SO_TIMESTAMPNS)
                return (BinaryPrimitives.ReadInt64LittleEndian(control[16..]) * 1_000_000_000) + BinaryPrimitives.ReadInt64LittleEndian(control[24..]);
            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }

        return 0;
    }
}
