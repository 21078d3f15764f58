namespace Twill.Linux.Sys;

/// <summary>Waits until one of several descriptors has something to read. Source: man 2 poll.</summary>
public static unsafe class Readiness
{
    /// <param name="descriptors">At most 32.</param>
    /// <param name="timeoutMs">Milliseconds; 0 looks without waiting, -1 waits for ever.</param>
    /// <returns>Bit i: the i-th is readable, or broken so that reading it will say why. 0: the time is over, or a signal came.</returns>
    public static uint Wait(ReadOnlySpan<int> descriptors, int timeoutMs)
    {
        Libc.PollFd* fds = stackalloc Libc.PollFd[descriptors.Length];
        for (int i = 0; i < descriptors.Length; i++) fds[i] = new Libc.PollFd { Fd = descriptors[i], Events = Libc.POLLIN };
        if (Libc.poll(fds, (nuint)descriptors.Length, timeoutMs) < 0)
        {
            Errno errno = Libc.LastErrno;
            return errno == Errno.EINTR ? 0u : throw new LinuxException($"cannot wait for {descriptors.Length} descriptors", errno);
        }

        uint ready = 0;
        for (int i = 0; i < descriptors.Length; i++)
        {
            if (fds[i].Revents != 0) ready |= 1u << i;
        }

        return ready;
    }
}
