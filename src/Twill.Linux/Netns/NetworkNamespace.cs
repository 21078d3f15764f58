using System.Runtime.ExceptionServices;
using Twill.Linux.Sys;

namespace Twill.Linux.Netns;

/// <summary>A network namespace held open by a descriptor.</summary>
/// <remarks>
/// A namespace belongs to a socket, not to a thread: open the socket here, then use it from anywhere. No member lets caller's code
/// run on a thread that lives on, so no thread is ever left in a foreign namespace.
/// </remarks>
public sealed partial class NetworkNamespace : IDisposable
{
    private const nuint NS_GET_NSTYPE = 0xb703; // _IO(NSIO = 0xb7, 0x3), include/uapi/linux/nsfs.h

    private readonly Descriptor _descriptor;

    // Where the thread was that asked IsOwn: it comes back there from OpenSocket without opening /proc again (15 us).
    private NetworkNamespace? _home;
    private int _homeThread;

    private NetworkNamespace(Descriptor descriptor, string name)
    {
        _descriptor = descriptor;
        Name = name;
    }

    /// <summary>How it was opened: a path, "pid 12" or "own"; for messages.</summary>
    public string Name { get; }

    public int DescriptorNumber => _descriptor.Number;

    /// <summary>Equal for two handles of one namespace, however they were opened.</summary>
    public FileIdentity Identity => FileIdentity.Of(_descriptor);

    /// <summary>Whether the calling thread is in this namespace.</summary>
    public bool IsOwn()
    {
        _home?.Dispose();
        _home = Own();
        _homeThread = Environment.CurrentManagedThreadId;
        return _home.Identity == Identity;
    }

    public void Dispose()
    {
        _home?.Dispose();
        _descriptor.Dispose();
    }

    /// <summary>Opens the namespace that a path (a bind mount, or /proc/PID/ns/net) stands for.</summary>
    /// <returns>Null when the path does not exist or its namespace has gone: <paramref name="errno"/> is ENOENT; when it is something else
    /// (a FIFO, a directory, another kind of namespace): EINVAL; or the kernel's reason.</returns>
    /// <remarks>Never blocks: a FIFO is opened O_NONBLOCK and then refused. Costs two system calls.</remarks>
    public static NetworkNamespace? TryOpen(string path, out Errno errno)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            errno = Errno.EINVAL;
            return null;
        }

        Descriptor? file = Descriptor.TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out errno);
        if (file is null)
        {
            if (errno is Errno.ENOTDIR or Errno.ESRCH) errno = Errno.ENOENT;
            return null;
        }

        // Only a network namespace answers CLONE_NEWNET; every other file answers ENOTTY. A file that once was a bind
        // mount of a namespace, and now is a plain empty file again, falls here as well.
        if (Libc.ioctl(file.Number, NS_GET_NSTYPE, 0) == Libc.CLONE_NEWNET) return new NetworkNamespace(file, path);
        file.Dispose();
        errno = Errno.EINVAL;
        return null;
    }

    /// <exception cref="LinuxException">ENOENT: not there. EINVAL: not a network namespace. EACCES: not allowed.</exception>
    public static NetworkNamespace Open(string path) => TryOpen(path, out Errno errno) ?? throw new LinuxException($"cannot open network namespace {path}", errno);

    public static NetworkNamespace OfProcess(int pid) => Open($"/proc/{pid}/ns/net");

    /// <summary>The namespace of the calling thread.</summary>
    public static NetworkNamespace Own() => Open("/proc/thread-self/ns/net");

    /// <summary>Makes a namespace without a name: it lives as long as this handle, or a socket or process in it.</summary>
    public static NetworkNamespace Create()
    {
        NetworkNamespace? made = null;
        OnOwnThread(() =>
        {
            if (Libc.unshare(Libc.CLONE_NEWNET) < 0) throw new LinuxException("cannot create a network namespace", Libc.LastErrno);
            made = Own();
        });
        return made!;
    }

    /// <summary>Opens a socket that belongs to this namespace, whatever thread uses it later.</summary>
    /// <returns>A close-on-exec descriptor.</returns>
    /// <remarks>
    /// The calling thread enters, opens and returns, with no other code in between (8 to 16 us). If it cannot return the process
    /// ends at once: work done in the wrong namespace is worse than no work.
    /// </remarks>
    public Descriptor OpenSocket(int domain, int type, int protocol)
    {
        bool known = _home is not null && _homeThread == Environment.CurrentManagedThreadId;
        using NetworkNamespace? own = known ? null : Own();
        NetworkNamespace home = own ?? _home!;

        // Whoever enters a namespace needs CAP_SYS_ADMIN, even where it is already in; a socket here needs none of that.
        bool entered = Libc.setns(DescriptorNumber, Libc.CLONE_NEWNET) == 0;
        if (!entered && Libc.LastErrno is var refused && (refused != Errno.EPERM || home.Identity != Identity)) throw new LinuxException($"cannot enter network namespace {Name}", refused);
        int fd = Libc.socket(domain, type | Libc.SOCK_CLOEXEC, protocol);
        Errno errno = fd < 0 ? Libc.LastErrno : Errno.None;
        if (entered && Libc.setns(home.DescriptorNumber, Libc.CLONE_NEWNET) < 0) Environment.FailFast($"cannot leave network namespace {Name}: {Libc.LastErrno.Name}");
        return fd < 0 ? throw new LinuxException($"cannot open a socket (domain {domain}) in network namespace {Name}", errno) : new Descriptor(fd);
    }

    /// <summary>Runs short synchronous code (sysctl files, starting a program) inside, on a thread made for it that ends with it.</summary>
    /// <remarks>Costs 130 to 190 us. The code must not await, queue work, log or start threads. An exception comes back to the caller.</remarks>
    public T Run<T>(Func<T> code)
    {
        T result = default!;
        OnOwnThread(() =>
        {
            if (Libc.setns(DescriptorNumber, Libc.CLONE_NEWNET) < 0) throw new LinuxException($"cannot enter network namespace {Name}", Libc.LastErrno);
            result = code();
        });
        return result;
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action code) => Run(() =>
    {
        code();
        return 0;
    });

    /// <summary>Takes the calling thread in, never to return: only for a thread about to become another program.</summary>
    /// <remarks>execve(2) ends all other threads, and the program goes on in the namespace of the thread that called it.</remarks>
    public void EnterForGood()
    {
        if (Libc.setns(DescriptorNumber, Libc.CLONE_NEWNET) < 0) throw new LinuxException($"cannot enter network namespace {Name}", Libc.LastErrno);
    }

    private static void OnOwnThread(Action code)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                code();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }, 512 * 1024)
        { IsBackground = true, Name = "netns" };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
