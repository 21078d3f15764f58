using System.Diagnostics;
using System.Text;

namespace Twill.Linux.Sys;

/// <summary>A program that outlives whoever started it.</summary>
public static unsafe partial class ChildProcess
{
    private const short POSIX_SPAWN_SETSID = 0x80; // spawn.h, glibc 2.26

    /// <summary>Longest first line.</summary>
    private const int MaxLineBytes = 4096;

    /// <summary>Starts a program in a session of its own, in the calling thread's network namespace, and waits for the first line of its stdout.</summary>
    /// <param name="path">An absolute path; no search.</param>
    /// <param name="arguments">argv without argv[0].</param>
    /// <param name="environment">NAME=value strings, its whole environment.</param>
    /// <param name="timeoutMs">Milliseconds that the line is waited for.</param>
    /// <returns>The line without its end; null: it ended, or said nothing in time, and is not running any more.</returns>
    /// <remarks>Its stdin and stderr are /dev/null. After the line nobody reads its stdout.</remarks>
    /// <exception cref="LinuxException">ENOENT, EACCES, ENOEXEC: it could not be started.</exception>
    public static string? StartService(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int timeoutMs)
    {
        int* pipe = stackalloc int[2];
        if (Libc.pipe2(pipe, Libc.O_CLOEXEC) < 0) throw new LinuxException("cannot make a pipe", Libc.LastErrno);
        using var output = new Descriptor(pipe[0]);
        int pid;
        using (var input = new Descriptor(pipe[1])) pid = SpawnService(path, arguments, environment, input.Number);
        if (ReadLine(output, timeoutMs) is { } line) return line;
        _ = Libc.kill(pid, 9);
        _ = Wait(pid);
        return null;
    }

    /// <param name="error">Null: what it says there is lost.</param>
    private static int SpawnService(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int output, int? error = null)
    {
        // glibc's posix_spawnattr_t has 336 bytes.
        byte* actions = stackalloc byte[256], attributes = stackalloc byte[512];
        if (Libc.posix_spawn_file_actions_init(actions) != 0 || Libc.posix_spawnattr_init(attributes) != 0) throw new LinuxException($"cannot start {path}", Errno.ENOMEM);
        try
        {
            _ = Libc.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID);
            fixed (byte* nothing = "/dev/null\0"u8)
            {
                _ = Libc.posix_spawn_file_actions_addopen(actions, 0, nothing, Libc.O_RDONLY, 0);
                _ = Libc.posix_spawn_file_actions_adddup2(actions, output, 1);
                if (error is { } log) _ = Libc.posix_spawn_file_actions_adddup2(actions, log, 2);
                else _ = Libc.posix_spawn_file_actions_addopen(actions, 2, nothing, Libc.O_WRONLY, 0);
            }

            using var argv = new StringVector(path, arguments);
            using var envp = new StringVector(null, environment);
            Span<byte> scratch = stackalloc byte[512];
            int pid;
            int failure;
            fixed (byte* p = Descriptor.Utf8Path(path, scratch)) failure = Libc.posix_spawn(&pid, p, actions, attributes, argv.Pointer, envp.Pointer);
            return failure == 0 ? pid : throw new LinuxException($"cannot start {path}", (Errno)failure);
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    private static string? ReadLine(Descriptor output, int timeoutMs)
    {
        byte* buffer = stackalloc byte[MaxLineBytes];
        int length = 0;
        long start = Stopwatch.GetTimestamp();
        while (length < MaxLineBytes)
        {
            var poll = new Libc.PollFd { Fd = output.Number, Events = Libc.POLLIN };
            int ready = Libc.poll(&poll, 1, Math.Max(0, timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds));
            if (ready < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (ready <= 0) return null;
            nint n = Libc.read(output.Number, buffer + length, (nuint)(MaxLineBytes - length));
            if (n < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (n <= 0) return null;
            length += (int)n;
            int end = new ReadOnlySpan<byte>(buffer, length).IndexOf((byte)'\n');
            if (end >= 0) return Encoding.UTF8.GetString(buffer, end);
        }

        return null;
    }
}
