using System.Text;
using Twill.Linux.Sys;

namespace Twill.Linux.Netns;

/// <summary>Names that say whose they are at every moment, so that a kill between any two steps leaves nothing that nobody owns.</summary>
public sealed partial class NetworkNamespace
{
    private const int MaxMarkBytes = 64;

    private static ReadOnlySpan<byte> DirectoryMark => "trusted.twill.made\0"u8;

    /// <summary>Names this namespace. The file below the mount, seen only while nothing is mounted there, begins with the mark.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken.</exception>
    /// <remarks>link(2) makes the name and its content appear in one step. Like: ip netns attach NAME PID.</remarks>
    public unsafe void GiveName(string name, string mark)
    {
        EnsureNamedDirectory();
        string path = NamedPath(name), draft = NamedPath($".{mark}-{name}");
        File.WriteAllText(draft, $"{mark}\n");
        Span<byte> pathScratch = stackalloc byte[512], otherScratch = stackalloc byte[512];
        fixed (byte* target = Descriptor.Utf8Path(path, pathScratch))
        {
            fixed (byte* source = Descriptor.Utf8Path(draft, otherScratch))
            {
                Errno errno = Libc.link(source, target) < 0 ? Libc.LastErrno : Errno.None;
                _ = Libc.unlink(source);
                if (errno != Errno.None) throw new LinuxException($"cannot name a network namespace {name} ({path})", errno);
            }

            fixed (byte* source = Descriptor.Utf8Path($"/proc/self/fd/{DescriptorNumber}", otherScratch))
            fixed (byte* type = "none\0"u8)
            {
                if (Libc.mount(source, target, type, Libc.MS_BIND, null) == 0) return;
                Errno errno = Libc.LastErrno;
                _ = Libc.unlink(target);
                throw new LinuxException($"cannot name network namespace {name} ({path})", errno);
            }
        }
    }

    /// <summary>Whether a name has no namespace (any more) and its file begins with the mark: what a kill inside <see cref="GiveName"/> leaves.</summary>
    public static unsafe bool IsUnfinished(string name, string mark)
    {
        using Descriptor? file = Descriptor.TryOpen(NamedPath(name), Libc.O_RDONLY | Libc.O_NONBLOCK, out _);
        if (file is null) return false;
        Span<byte> content = stackalloc byte[MaxMarkBytes];
        nint n;
        fixed (byte* p = content) n = Libc.read(file.Number, p, (nuint)content.Length);
        return n > 0 && content[..(int)n].SequenceEqual(Encoding.UTF8.GetBytes($"{mark}\n"));
    }

    /// <summary>Removes /run/netns if we made it and nothing is in it.</summary>
    public static unsafe void RemoveNamedDirectoryIfMade()
    {
        Span<byte> scratch = stackalloc byte[64];
        fixed (byte* path = Descriptor.Utf8Path(NamedDirectory, scratch))
        fixed (byte* mark = DirectoryMark)
        {
            // ENOTEMPTY, EBUSY (iproute2 has mounted it on itself since): then it is others' as well, and stays.
            if (Libc.getxattr(path, mark, null, 0) >= 0) _ = Libc.rmdir(path);
        }
    }

    private static unsafe void EnsureNamedDirectory()
    {
        if (Directory.Exists(NamedDirectory)) return;
        Directory.CreateDirectory(NamedDirectory);
        Span<byte> scratch = stackalloc byte[64];
        byte one = (byte)'1';
        fixed (byte* path = Descriptor.Utf8Path(NamedDirectory, scratch))
        fixed (byte* mark = DirectoryMark) _ = Libc.setxattr(path, mark, &one, 1, 0);
    }
}
