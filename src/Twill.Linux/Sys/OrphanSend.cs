using Twill.Linux.Netlink;

namespace Twill.Linux.Sys;

/// <summary>Hands a request to a forked child that outlives us, so that nobody waits for the part of it that nobody needs.</summary>
/// <remarks>
/// Most of an RTM_DELLINK (15 to 25 ms) is an rcu_barrier after the kernel has dropped its lock, when the interface is already gone
/// from every look-up; the caller of send(2) pays for it all the same, and a process is not reaped before its last thread has
/// returned. A forked child, without exec, can own that wait (docs/adr/0005).
/// Safe after fork in a process with other threads: the child makes system calls only - no allocation, no lock, no managed
/// exception - and ends by _exit. It closes every descriptor but the netlink socket, so it holds none of the caller's pipes.
/// </remarks>
public static unsafe class OrphanSend
{
    /// <returns>False where fork failed; then nothing was sent.</returns>
    public static bool TryExecute(NetlinkSocket socket, NetlinkBatch batch)
    {
        socket.Surrender(batch);
        int fd = socket.DescriptorNumber, length = batch.Length;
        var kernel = new Libc.SockAddrNl { Family = Libc.AF_NETLINK };
        fixed (byte* bytes = batch.Buffer)
        {
            int pid = Libc.fork();
            if (pid != 0) return pid > 0;
            if (fd > 0) _ = Libc.close_range(0, (uint)fd - 1, 0);
            _ = Libc.close_range((uint)fd + 1, uint.MaxValue, 0);
            _ = Libc.setsid();
            _ = Libc.sendto(fd, bytes, (nuint)length, 0, &kernel, (uint)sizeof(Libc.SockAddrNl));
            Libc._exit(0);
            return true;
        }
    }
}
