using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>A transaction whose sender gets kill -9 while the kernel works on it.</summary>
/// <remarks>The sender is a forked child that makes system calls only, as <see cref="OrphanSend"/>.</remarks>
internal static unsafe class KilledSend
{
    private const int SigKill = 9;

    /// <summary>
    /// A runtime that maps its code twice (W^X, the default) shares those pages with a forked child, and does not survive it. So the test runs
    /// in a process where that is off: a second one, if need be.
    /// </summary>
    /// <returns>What the second process printed; null: this is the one.</returns>
    internal static string? RunSafely(string method)
    {
        const string Setting = "DOTNET_EnableWriteXorExecute";
        if (Environment.GetEnvironmentVariable(Setting) == "0") return null;
        string self = Environment.ProcessPath!;
        string[] arguments = ["--no-progress", "--output", "Detailed", "--filter-method", method];
        if (Path.GetFileNameWithoutExtension(self) == "dotnet") arguments = [typeof(KilledSend).Assembly.Location, .. arguments];
        ChildProcess.Outcome outcome = ChildProcess.Run(self, arguments, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "TESTINGPLATFORM_TELEMETRY_OPTOUT=1", $"{Setting}=0"], [], 60_000);
        Assert.True(outcome.ExitCode == 0, outcome.OutputText + outcome.ErrorText);
        return outcome.OutputText;
    }

    /// <param name="after">Time from the fork to the signal.</param>
    internal static void Run(NetworkNamespace space, NftTransaction transaction, TimeSpan after)
    {
        using NetlinkSocket socket = NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER, space);
        NetlinkBatch batch = transaction.Finish();
        socket.EnsureSendBuffer(batch.Length);
        socket.Surrender(batch);
        int pid = Fork(socket.DescriptorNumber, batch.Buffer, batch.Length);
        if (pid < 0) throw new LinuxException("cannot fork", Libc.LastErrno);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < after) { }
        int status = 0;
        _ = Libc.kill(pid, SigKill);
        _ = Libc.waitpid(pid, &status, 0);
    }

    // Compiled as a whole, and calls by address: a child that let the runtime resolve or count a call would write into code that it shares with us.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Fork(int fd, byte[] buffer, int length)
    {
        nint libc = NativeLibrary.Load("libc.so.6");
        var fork = (delegate* unmanaged[SuppressGCTransition]<int>)NativeLibrary.GetExport(libc, "fork");
        var send = (delegate* unmanaged[SuppressGCTransition]<int, byte*, nuint, int, void*, uint, nint>)NativeLibrary.GetExport(libc, "sendto");
        var exit = (delegate* unmanaged[SuppressGCTransition]<int, void>)NativeLibrary.GetExport(libc, "_exit");
        var kernel = new Libc.SockAddrNl { Family = Libc.AF_NETLINK };
        fixed (byte* bytes = buffer)
        {
            int pid = fork();
            if (pid != 0) return pid;
            send(fd, bytes, (nuint)length, 0, &kernel, (uint)sizeof(Libc.SockAddrNl));
            exit(0);
            return 0;
        }
    }
}
