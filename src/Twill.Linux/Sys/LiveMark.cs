using System.Text;

namespace Twill.Linux.Sys;

/// <summary>A name held in the kernel for as long as this process lives: an abstract unix socket, released by any kind of death.</summary>
/// <remarks>
/// Answers "is whoever started this still at work?" without a file, a process id that may be reused, or a wait. Names are per
/// network namespace. Costs two system calls. Source: man 7 unix, "abstract".
/// </remarks>
public static unsafe class LiveMark
{
    private const int MaxNameBytes = 107; // sun_path without its leading NUL

    /// <returns>The mark, to be disposed when done; null when somebody alive holds it.</returns>
    /// <exception cref="LinuxException">The socket could not be made.</exception>
    public static Descriptor? TryHold(string name)
    {
        int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0) throw new LinuxException($"cannot hold the mark {name}", Libc.LastErrno);
        byte* address = stackalloc byte[2 + 1 + MaxNameBytes];
        address[0] = Libc.AF_UNIX;
        address[1] = 0;
        address[2] = 0;
        int length = Encoding.ASCII.GetBytes(name, new Span<byte>(address + 3, MaxNameBytes));
        if (Libc.bind(fd, address, (uint)(3 + length)) == 0) return new Descriptor(fd);
        Errno errno = Libc.LastErrno;
        _ = Libc.close(fd);
        return errno == Errno.EADDRINUSE ? null : throw new LinuxException($"cannot hold the mark {name}", errno);
    }
}
