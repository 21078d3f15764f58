namespace Twill.Linux.Sys;

/// <summary>Wakes a thread that waits in <see cref="Readiness"/>, from any other thread. Many calls before it looks are one.</summary>
/// <remarks>Source: man 2 eventfd.</remarks>
public sealed unsafe class WakeUp : IDisposable
{
    private readonly Descriptor _event;

    /// <exception cref="LinuxException">EMFILE: too many open files.</exception>
    public WakeUp()
    {
        int fd = Libc.eventfd(0, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK); // EFD_CLOEXEC and EFD_NONBLOCK have the same values
        _event = fd < 0 ? throw new LinuxException("cannot make an eventfd", Libc.LastErrno) : new Descriptor(fd);
    }

    public int DescriptorNumber => _event.Number;

    public void Dispose() => _event.Dispose();

    public void Call()
    {
        ulong one = 1;
        _ = Libc.write(_event.Number, (byte*)&one, sizeof(ulong)); // EAGAIN: 2^64 - 2 calls are waiting already
    }

    /// <summary>Takes the calls back that were made so far.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.read(_event.Number, (byte*)&count, sizeof(ulong));
    }
}
