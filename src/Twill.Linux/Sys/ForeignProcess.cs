namespace Twill.Linux.Sys;

/// <summary>A process that is not our child.</summary>
public static unsafe class ForeignProcess
{
    private const nint SIGKILL = 9;

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

    /// <summary>Ends a process at once and waits until it has ended.</summary>
    /// <param name="pid">Its number.</param>
    /// <param name="isTheOne">Asked once nobody else can have the number any more: is it the one that is meant?</param>
    /// <param name="timeoutMs">How long its end is waited for.</param>
    /// <returns>False: it was another one, had ended, or did not end in time.</returns>
    public static bool Kill(int pid, Func<bool> isTheOne, int timeoutMs)
    {
        nint fd = Libc.syscall(Libc.SYS_pidfd_open, pid, 0);
        if (fd < 0) return false;
        using var process = new Descriptor((int)fd);
        if (!isTheOne() || Libc.syscall(Libc.SYS_pidfd_send_signal, fd, SIGKILL, 0, 0, 0) < 0) return false;
        var poll = new Libc.PollFd { Fd = process.Number, Events = Libc.POLLIN };
        return Libc.poll(&poll, 1, timeoutMs) > 0;
    }
}
