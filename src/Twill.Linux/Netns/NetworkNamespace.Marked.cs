using System.Text;
using Twill.Linux.Sys;

namespace Twill.Linux.Netns;

/// <summary>Names that say whose they are at every moment, so that a kill between any two steps leaves nothing that nobody owns.</summary>
public sealed partial class NetworkNamespace
{
    private const int MaxMarkBytes = 64;

    /// <summary>rwxr-xr-t. The sticky bit says that we made the directory: mkdir(2) gives it in the step that makes it, and where only root writes it changes nothing.</summary>
    private const uint OwnDirectoryMode = 0x3ed;

    /// <summary>A directory that vanishes under us, by a `down` at the same time, is made again so often.</summary>
    private const int MaxTries = 10;

    /// <summary>Names this namespace. The file below the mount, seen only while nothing is mounted there, begins with the mark.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken.</exception>
    /// <remarks>The file has its content before it has a name (O_TMPFILE, linkat). Like: ip netns attach NAME PID.</remarks>
    public unsafe void GiveName(string name, string mark)
    {
        string path = NamedPath(name);
        Errno errno = Errno.ENOENT;
        for (int i = 0; i < MaxTries && errno == Errno.ENOENT; i++) errno = TryLinkMarked(path, mark);
        if (errno != Errno.None) throw new LinuxException($"cannot name a network namespace {name} ({path})", errno);

        Span<byte> pathScratch = stackalloc byte[512], otherScratch = stackalloc byte[64];
        fixed (byte* target = Descriptor.Utf8Path(path, pathScratch))
        fixed (byte* source = Descriptor.Utf8Path($"/proc/self/fd/{DescriptorNumber}", otherScratch))
        fixed (byte* type = "none\0"u8)
        {
            if (Libc.mount(source, target, type, Libc.MS_BIND, null) == 0) return;
            errno = Libc.LastErrno;
            _ = Libc.unlink(target);
            throw new LinuxException($"cannot name network namespace {name} ({path})", errno);
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
        if (!Directory.Exists(NamedDirectory) || (File.GetUnixFileMode(NamedDirectory) & UnixFileMode.StickyBit) == 0) return;
        Span<byte> scratch = stackalloc byte[64];

        // ENOTEMPTY, EBUSY (iproute2 has mounted it on itself since): then it is others' as well, and stays.
        fixed (byte* path = Descriptor.Utf8Path(NamedDirectory, scratch)) _ = Libc.rmdir(path);
    }

    /// <returns>EEXIST: the name is taken; ENOENT: the directory has just been removed.</returns>
    private static unsafe Errno TryLinkMarked(string path, string mark)
    {
        Span<byte> scratch = stackalloc byte[512], otherScratch = stackalloc byte[64];
        fixed (byte* directory = Descriptor.Utf8Path(NamedDirectory, scratch))
        {
            if (Libc.mkdir(directory, OwnDirectoryMode) < 0 && Libc.LastErrno is var made and not Errno.EEXIST) return made;
        }

        using Descriptor? file = Descriptor.TryOpen(NamedDirectory, Libc.O_WRONLY | Libc.O_TMPFILE, out Errno errno, 0x1a4);
        if (file is null) return errno;
        Span<byte> content = Encoding.UTF8.GetBytes($"{mark}\n");
        fixed (byte* p = content)
        {
            if (Libc.write(file.Number, p, (nuint)content.Length) != content.Length) return Libc.LastErrno;
        }

        fixed (byte* source = Descriptor.Utf8Path($"/proc/self/fd/{file.Number}", otherScratch))
        fixed (byte* target = Descriptor.Utf8Path(path, scratch))
        {
            return Libc.linkat(Libc.AT_FDCWD, source, Libc.AT_FDCWD, target, Libc.AT_SYMLINK_FOLLOW) < 0 ? Libc.LastErrno : Errno.None;
        }
    }
}
