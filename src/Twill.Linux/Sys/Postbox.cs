using System.Text;

namespace Twill.Linux.Sys;

/// <summary>Takes short messages from processes of this network namespace that send and go: an abstract unix socket. The kernel says whose they are.</summary>
/// <remarks>Source: man 7 unix, "abstract", SO_PASSCRED and SCM_CREDENTIALS.</remarks>
public sealed unsafe class Postbox : IDisposable
{
    /// <summary>Bytes of a message at most.</summary>
    public const int MaxBytes = 256;

    /// <summary>Where the box is full (net.unix.max_dgram_qlen messages, often 10), a sender waits so long, in milliseconds, and then gives up.</summary>
    private const int FullMs = 50;

    private const int SO_PASSCRED = 16, SO_SNDTIMEO = 21, SCM_CREDENTIALS = 2, MaxNameBytes = 107;

    private readonly Descriptor _socket;

    private Postbox(Descriptor socket) => _socket = socket;

    /// <returns>Null: somebody alive has this name.</returns>
    /// <exception cref="LinuxException">The socket could not be made.</exception>
    public static Postbox? TryOpen(string name)
    {
        if (LiveMark.TryHold(name) is not { } socket) return null;
        int on = 1;
        if (Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, SO_PASSCRED, &on, sizeof(int)) == 0) return new Postbox(socket);
        Errno errno = Libc.LastErrno;
        socket.Dispose();
        throw new LinuxException($"cannot ask for the senders of {name}", errno);
    }

    /// <summary>Sends and forgets: nobody there is no error. Three system calls; a full box costs two more and <see cref="FullMs"/>.</summary>
    /// <returns>Whether it was taken.</returns>
    public static bool TrySend(string name, ReadOnlySpan<byte> message)
    {
        int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0) return false;
        byte* address = stackalloc byte[2 + 1 + MaxNameBytes];
        address[0] = Libc.AF_UNIX;
        address[1] = 0;
        address[2] = 0;
        uint length = (uint)(3 + Encoding.ASCII.GetBytes(name, new Span<byte>(address + 3, MaxNameBytes)));
        nint sent;
        fixed (byte* bytes = message)
        {
            sent = Libc.sendto(fd, bytes, (nuint)message.Length, Libc.MSG_DONTWAIT, address, length);
            if (sent < 0 && Libc.LastErrno == Errno.EAGAIN)
            {
                long* wait = stackalloc long[2] { 0, FullMs * 1000 }; // struct timeval
                _ = Libc.setsockopt(fd, Libc.SOL_SOCKET, SO_SNDTIMEO, wait, 16);
                sent = Libc.sendto(fd, bytes, (nuint)message.Length, 0, address, length);
            }
        }

        _ = Libc.close(fd);
        return sent == message.Length;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Waits for the next message.</summary>
    /// <param name="message">At least <see cref="MaxBytes"/>; what is longer is cut.</param>
    /// <param name="user">Who sent it, in this process' user namespace; null: the kernel did not say.</param>
    /// <returns>Its length.</returns>
    /// <exception cref="LinuxException">The socket is broken.</exception>
    public int Receive(Span<byte> message, out uint? user)
    {
        // struct cmsghdr (length, level, type) and struct ucred (pid, uid, gid).
        const int ControlBytes = 16 + 12;
        byte* control = stackalloc byte[64];
        user = null;
        while (true)
        {
            fixed (byte* bytes = message)
            {
                var part = new Libc.IoVec { Base = bytes, Length = (nuint)message.Length };
                var header = new Libc.MsgHdr { Vectors = &part, VectorCount = 1, Control = control, ControlLength = 64 };
                nint length = Libc.recvmsg(_socket.Number, &header, 0);
                if (length >= 0)
                {
                    if (header.ControlLength >= ControlBytes && *(int*)(control + 8) == Libc.SOL_SOCKET && *(int*)(control + 12) == SCM_CREDENTIALS) user = *(uint*)(control + 20);
                    return (int)length;
                }
            }

            if (Libc.LastErrno != Errno.EINTR) throw new LinuxException("cannot receive messages", Libc.LastErrno);
        }
    }
}
