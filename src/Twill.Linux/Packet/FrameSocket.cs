using System.Buffers.Binary;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Linux.Packet;

/// <summary>Sends whole Ethernet frames by an interface of one namespace, whatever its tables say; receives nothing.</summary>
/// <remarks>Source: man 7 packet.</remarks>
public sealed unsafe class FrameSocket : IDisposable
{
    private const int AddressBytes = 20; // struct sockaddr_ll

    private readonly Descriptor _socket;

    private FrameSocket(Descriptor socket) => _socket = socket;

    /// <param name="network">Null: the calling thread's namespace.</param>
    /// <exception cref="LinuxException">EPERM: packet sockets need CAP_NET_RAW.</exception>
    public static FrameSocket Open(NetworkNamespace? network = null)
    {
        if (network is not null) return new FrameSocket(network.OpenSocket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_NONBLOCK, 0));
        using NetworkNamespace own = NetworkNamespace.Own();
        return new FrameSocket(own.OpenSocket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_NONBLOCK, 0));
    }

    public void Dispose() => _socket.Dispose();

    /// <returns>None, or why it cannot leave: ENXIO no such interface, ENETDOWN it is down.</returns>
    public Errno Send(IfIndex dev, ReadOnlySpan<byte> frame)
    {
        Span<byte> address = stackalloc byte[AddressBytes];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AF_PACKET);
        BinaryPrimitives.WriteInt32LittleEndian(address[4..], dev.Value);
        while (true)
        {
            nint sent;
            fixed (byte* bytes = frame)
            fixed (byte* peer = address) sent = Libc.sendto(_socket.Number, bytes, (nuint)frame.Length, 0, peer, AddressBytes);
            if (sent >= 0) return Errno.None;
            Errno errno = Libc.LastErrno;
            if (errno != Errno.EINTR) return errno;
        }
    }
}
