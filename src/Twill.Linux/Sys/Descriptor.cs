using System.Text;

namespace Twill.Linux.Sys;

/// <summary>An open file descriptor, closed once.</summary>
/// <remarks>Not a SafeHandle: its owner is always a single object here, and the plugin's path opens a handful per process.</remarks>
public sealed class Descriptor(int number) : IDisposable
{
    private int _number = number;

    /// <exception cref="ObjectDisposedException">Already closed.</exception>
    public int Number
    {
        get
        {
            ObjectDisposedException.ThrowIf(_number < 0, this);
            return _number;
        }
    }

    public void Dispose()
    {
        int number = Interlocked.Exchange(ref _number, -1);
        if (number >= 0) _ = Libc.close(number);
    }

    /// <summary>Opens a path; close-on-exec, never a controlling terminal.</summary>
    /// <returns>The descriptor, or null with the kernel's reason.</returns>
    internal static unsafe Descriptor? TryOpen(string path, int flags, out Errno errno, uint mode = 0)
    {
        Span<byte> buffer = stackalloc byte[512];
        fixed (byte* p = Utf8Path(path, buffer))
        {
            int fd = Libc.open(p, flags | Libc.O_CLOEXEC | Libc.O_NOCTTY, mode);
            errno = fd < 0 ? Libc.LastErrno : Errno.None;
            return fd < 0 ? null : new Descriptor(fd);
        }
    }

    /// <summary>The path as a NUL-terminated UTF-8 string, in <paramref name="scratch"/> if it fits.</summary>
    internal static Span<byte> Utf8Path(string path, Span<byte> scratch)
    {
        int size = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        Span<byte> buffer = size <= scratch.Length ? scratch : new byte[size];
        int written = Encoding.UTF8.GetBytes(path, buffer);
        buffer[written] = 0;
        return buffer[..(written + 1)];
    }
}
