using Twill.Linux.Sys;

namespace Twill.Linux.Netns;

/// <summary>Namespaces with a name, as iproute2 keeps them: a bind mount below /run/netns. Like: ip netns add|del|list.</summary>
public sealed partial class NetworkNamespace
{
    public const string NamedDirectory = "/run/netns";

    public static string NamedPath(string name) => $"{NamedDirectory}/{name}";

    /// <summary>Makes a namespace and names it.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken.</exception>
    public static unsafe NetworkNamespace CreateNamed(string name)
    {
        string path = NamedPath(name);
        Directory.CreateDirectory(NamedDirectory);
        using (Descriptor? file = Descriptor.TryOpen(path, Libc.O_RDONLY | Libc.O_CREAT | Libc.O_EXCL, out Errno errno))
        {
            if (file is null) throw new LinuxException($"cannot create network namespace {name} ({path})", errno);
        }

        NetworkNamespace? made = null;
        try
        {
            OnOwnThread(() =>
            {
                if (Libc.unshare(Libc.CLONE_NEWNET) < 0) throw new LinuxException($"cannot create network namespace {name}", Libc.LastErrno);
                Span<byte> scratch = stackalloc byte[512];
                fixed (byte* source = "/proc/thread-self/ns/net\0"u8)
                fixed (byte* target = Descriptor.Utf8Path(path, scratch))
                fixed (byte* type = "none\0"u8)
                {
                    if (Libc.mount(source, target, type, Libc.MS_BIND, null) < 0) throw new LinuxException($"cannot name network namespace {name} ({path})", Libc.LastErrno);
                }

                made = Open(path);
            });
            return made!;
        }
        catch
        {
            made?.Dispose();
            RemoveNamed(name);
            throw;
        }
    }

    /// <summary>Takes the name away; the namespace ends with its last user. Fine if absent.</summary>
    /// <returns>Whether it was there.</returns>
    public static unsafe bool RemoveNamed(string name)
    {
        Span<byte> scratch = stackalloc byte[512];
        fixed (byte* path = Descriptor.Utf8Path(NamedPath(name), scratch))
        {
            _ = Libc.umount2(path, Libc.MNT_DETACH); // EINVAL: a file that was never mounted on, left by a kill between the two steps
            return Libc.unlink(path) == 0 || (Libc.LastErrno == Errno.ENOENT ? false : throw new LinuxException($"cannot remove network namespace {name}", Libc.LastErrno));
        }
    }

    public static NetworkNamespace OpenNamed(string name) => Open(NamedPath(name));

    /// <summary>Names below /run/netns, sorted; some may be stale files.</summary>
    public static string[] ListNamed()
    {
        if (!Directory.Exists(NamedDirectory)) return [];
        string[] names = Directory.GetFileSystemEntries(NamedDirectory);
        for (int i = 0; i < names.Length; i++) names[i] = Path.GetFileName(names[i]);
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }
}
