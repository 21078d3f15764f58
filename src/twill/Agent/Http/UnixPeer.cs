using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Twill.Agent.Http;

/// <summary>Who listens on a unix socket.</summary>
internal static class UnixPeer
{
    private const int SOL_SOCKET = 1, SO_PEERCRED = 17; // include/uapi/asm-generic/socket.h

    /// <summary>The process that listens on the path; null where nobody does, or nothing is there.</summary>
    internal static int? OwnerOf(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return null;
        }

        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        int length = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials);
        return length >= 4 ? MemoryMarshal.Read<int>(credentials) : null;
    }
}
