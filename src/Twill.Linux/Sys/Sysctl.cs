using System.Text;

namespace Twill.Linux.Sys;

/// <summary>Kernel settings below /proc/sys, in the network namespace of the calling thread.</summary>
/// <remarks>
/// Keys use slashes ("net/ipv4/ip_forward"), because interface names may hold dots. To write in another namespace:
/// <see cref="Netns.NetworkNamespace.Run{T}"/>. Like: sysctl -w.
/// </remarks>
public static unsafe class Sysctl
{
    public const string DefaultRoot = "/proc/sys";

    /// <summary>Where the keys are files. In a container /proc/sys is read-only, and the node's own is mounted elsewhere. Set before the first use.</summary>
    public static string Root { get; set; } = DefaultRoot;

    /// <returns>The value without its newline; null where the kernel has no such key.</returns>
    public static string? Read(string key)
    {
        using Descriptor? file = Descriptor.TryOpen($"{Root}/{key}", Libc.O_RDONLY, out Errno errno);
        if (file is null) return errno is Errno.ENOENT ? null : throw new LinuxException($"cannot read sysctl {key}", errno);
        Span<byte> buffer = stackalloc byte[256];
        nint n;
        fixed (byte* p = buffer) n = Libc.read(file.Number, p, (nuint)buffer.Length);
        if (n < 0) throw new LinuxException($"cannot read sysctl {key}", Libc.LastErrno);
        return Encoding.UTF8.GetString(buffer[..(int)n]).TrimEnd('\n');
    }

    /// <exception cref="LinuxException">ENOENT: no such key. EROFS: /proc/sys is mounted read-only. EINVAL: not a value of this key.</exception>
    public static void Write(string key, string value)
    {
        Errno errno = TryWrite(key, value);
        if (errno != Errno.None) throw new LinuxException($"cannot set sysctl {key} to {value}", errno);
    }

    /// <summary>As <see cref="Write"/>, the failure as a value.</summary>
    public static Errno TryWrite(string key, string value)
    {
        using Descriptor? file = Descriptor.TryOpen($"{Root}/{key}", Libc.O_WRONLY, out Errno errno);
        if (file is null) return errno;
        Span<byte> scratch = stackalloc byte[128];
        Span<byte> bytes = Descriptor.Utf8Path(value, scratch);
        fixed (byte* p = bytes) return Libc.write(file.Number, p, (nuint)(bytes.Length - 1)) < 0 ? Libc.LastErrno : Errno.None;
    }

    /// <summary>Writes only if the value differs: in sync means zero writes.</summary>
    /// <returns>Whether it wrote.</returns>
    public static bool Ensure(string key, string value)
    {
        if (Read(key) == value) return false;
        Write(key, value);
        return true;
    }
}
