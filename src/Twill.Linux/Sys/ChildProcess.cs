using System.Diagnostics;
using System.Text;

namespace Twill.Linux.Sys;

/// <summary>A program started with input on its stdin, its output collected: a delegated CNI plugin, a command of the lab.</summary>
/// <remarks>
/// posix_spawn from the calling thread, so the child is born in that thread's network namespace. Input and output go through pipes
/// driven by poll(2): no helper threads, no dead lock on a full pipe.
/// </remarks>
public static unsafe partial class ChildProcess
{
    /// <summary>Most bytes kept of a child's stdout or stderr; the rest is read and dropped.</summary>
    public const int MaxOutputBytes = 16 * 1024 * 1024;

    /// <summary>What a child left: its exit status (128 + signal if killed), stdout, stderr.</summary>
    public readonly record struct Outcome(int ExitCode, byte[] Output, byte[] Error, bool TimedOut)
    {
        public string OutputText => Encoding.UTF8.GetString(Output);

        public string ErrorText => Encoding.UTF8.GetString(Error);
    }

    /// <param name="path">An absolute path; no search.</param>
    /// <param name="arguments">argv without argv[0].</param>
    /// <param name="environment">NAME=value strings, the child's whole environment.</param>
    /// <param name="input">Bytes for its stdin, then end of file.</param>
    /// <param name="timeoutMs">Milliseconds until it is killed; -1 never.</param>
    /// <param name="inheritError">Its stderr is ours, instead of collected (the CNI specification for delegates).</param>
    /// <exception cref="LinuxException">ENOENT, EACCES, ENOEXEC: it could not be started.</exception>
    public static Outcome Run(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<byte> input, int timeoutMs = -1, bool inheritError = false)
    {
        int* pipes = stackalloc int[6];
        for (int i = 0; i < 6; i++) pipes[i] = -1;
        try
        {
            for (int i = 0; i < 3; i++)
            {
                if (i == 2 && inheritError) break;
                if (Libc.pipe2(pipes + (2 * i), Libc.O_CLOEXEC) < 0) throw new LinuxException("cannot make a pipe", Libc.LastErrno);
            }

            int pid = Spawn(path, arguments, environment, pipes[0], pipes[3], inheritError ? 2 : pipes[5]);
            CloseOne(ref pipes[0]);
            CloseOne(ref pipes[3]);
            CloseOne(ref pipes[5]);
            return Converse(pid, ref pipes[1], ref pipes[2], ref pipes[4], input, timeoutMs);
        }
        finally
        {
            for (int i = 0; i < 6; i++) CloseOne(ref pipes[i]);
        }
    }

    /// <summary>Starts a program that shares our stdin, stdout and stderr.</summary>
    /// <returns>Its process id.</returns>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static int Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment) => Spawn(path, arguments, environment, 0, 1, 2);

    /// <summary>Waits for a child of ours to end.</summary>
    /// <returns>Its exit status; 128 + signal if it was killed.</returns>
    public static int Wait(int pid)
    {
        int status;
        while (Libc.waitpid(pid, &status, 0) < 0)
        {
            Errno errno = Libc.LastErrno;
            if (errno != Errno.EINTR) throw new LinuxException($"cannot wait for process {pid}", errno);
        }

        return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
    }

    /// <summary>Becomes another program; returns only when that fails.</summary>
    /// <remarks>The runtime ignores SIGPIPE, and what is ignored stays so across execve(2): the new program gets its default back.</remarks>
    public static Errno Replace(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var argv = new StringVector(path, arguments);
        using var envp = new StringVector(null, environment);
        Span<byte> scratch = stackalloc byte[512];
        _ = Libc.signal(Libc.SIGPIPE, 0);
        fixed (byte* p = Descriptor.Utf8Path(path, scratch)) _ = Libc.execve(p, argv.Pointer, envp.Pointer);
        return Libc.LastErrno;
    }

    private static int Spawn(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int input, int output, int error)
    {
        // glibc's posix_spawn_file_actions_t has 80 bytes.
        byte* actions = stackalloc byte[256];
        if (Libc.posix_spawn_file_actions_init(actions) != 0) throw new LinuxException($"cannot start {path}", Errno.ENOMEM);
        try
        {
            _ = Libc.posix_spawn_file_actions_adddup2(actions, input, 0);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, output, 1);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, error, 2);
            using var argv = new StringVector(path, arguments);
            using var envp = new StringVector(null, environment);
            Span<byte> scratch = stackalloc byte[512];
            int pid;
            int failure;
            fixed (byte* p = Descriptor.Utf8Path(path, scratch)) failure = Libc.posix_spawn(&pid, p, actions, null, argv.Pointer, envp.Pointer);
            return failure == 0 ? pid : throw new LinuxException($"cannot start {path}", (Errno)failure);
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    private static Outcome Converse(int pid, ref int toInput, ref int fromOutput, ref int fromError, ReadOnlySpan<byte> input, int timeoutMs)
    {
        var output = new MemoryStream();
        var error = new MemoryStream();
        byte[] buffer = new byte[16384];
        long start = Stopwatch.GetTimestamp();
        bool timedOut = false;
        Libc.PollFd* fds = stackalloc Libc.PollFd[3];
        if (input.IsEmpty) CloseOne(ref toInput);
        while (fromOutput >= 0 || fromError >= 0 || toInput >= 0)
        {
            fds[0] = new Libc.PollFd { Fd = toInput, Events = 4 };
            fds[1] = new Libc.PollFd { Fd = fromOutput, Events = Libc.POLLIN };
            fds[2] = new Libc.PollFd { Fd = fromError, Events = Libc.POLLIN };
            int left = timeoutMs < 0 ? -1 : Math.Max(0, timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            int ready = Libc.poll(fds, 3, left);
            if (ready < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (ready == 0 && !timedOut)
            {
                timedOut = true;
                _ = Libc.kill(pid, 9);
                break; // a grandchild may hold the pipes open: they are not waited for
            }

            // SIGPIPE is ignored by the runtime: a child that closed its stdin early is an error of write(2), not ours.
            if (fds[0].Revents != 0)
            {
                nint n;
                fixed (byte* p = input) n = Libc.write(toInput, p, (nuint)Math.Min(input.Length, 4096));
                if (n > 0) input = input[(int)n..];
                if (n < 0 && Libc.LastErrno != Errno.EINTR) input = [];
                if (input.IsEmpty) CloseOne(ref toInput);
            }

            if (fds[1].Revents != 0) Drain(ref fromOutput, output, buffer);
            if (fds[2].Revents != 0) Drain(ref fromError, error, buffer);
        }

        return new Outcome(Wait(pid), output.ToArray(), error.ToArray(), timedOut);
    }

    private static void Drain(ref int fd, MemoryStream into, byte[] buffer)
    {
        nint n;
        fixed (byte* p = buffer) n = Libc.read(fd, p, (nuint)buffer.Length);
        if (n < 0 && Libc.LastErrno == Errno.EINTR) return;
        if (n <= 0) CloseOne(ref fd);
        else if (into.Length < MaxOutputBytes) into.Write(buffer, 0, (int)n);
    }

    private static void CloseOne(ref int fd)
    {
        if (fd >= 0) _ = Libc.close(fd);
        fd = -1;
    }
}
