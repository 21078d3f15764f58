namespace Twill.Linux.Sys;

/// <summary>A process that is not our child.</summary>
public static unsafe class ForeignProcess
{
    /// <summary>Waits until it has ended, through a descriptor that cannot mean another process of the same number (Linux 5.3).</summary>
    /// <returns>False after the time.</returns>
    public static bool WaitForEnd(int pid, int timeoutMs)
    {
        nint fd = Libc.syscall(Libc.SYS_pidfd_open, pid, 0);
        if (fd < 0) return Libc.LastErrno == Errno.ESRCH;
        using var process = new Descriptor((int)fd);
        var poll = new Libc.PollFd { Fd = process.Number, Events = Libc.POLLIN };
        return Libc.poll(&poll, 1, timeoutMs) > 0;
    }
}
