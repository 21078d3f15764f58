namespace Twill.Linux.Sys;

/// <summary>Descriptors 0, 1 and 2 without System.Console, which reads terminfo and costs more than the rest of a plugin's run.</summary>
public static unsafe class StandardStreams
{
    /// <summary>Reads standard input to its end.</summary>
    /// <param name="bound">Most bytes accepted.</param>
    /// <param name="bytes">What was read, up to <paramref name="bound"/> bytes.</param>
    /// <param name="silenceMs">Longest wait for the next bytes, milliseconds.</param>
    /// <returns>None; ETIMEDOUT after such a silence; EFBIG when there is more than <paramref name="bound"/>; else why reading failed.</returns>
    public static Errno ReadInput(int bound, int silenceMs, out ReadOnlyMemory<byte> bytes)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(16384); // only the pages that are read into cost
        int used = 0;
        while (true)
        {
            bytes = buffer.AsMemory(0, used);
            var poll = new Libc.PollFd { Fd = 0, Events = Libc.POLLIN };
            int ready = Libc.poll(&poll, 1, silenceMs);
            if (ready < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (ready == 0) return Errno.ETIMEDOUT;

            if (used == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            nint n;
            fixed (byte* p = buffer) n = Libc.read(0, p + used, (nuint)(buffer.Length - used));
            if (n < 0 && Libc.LastErrno == Errno.EINTR) continue;
            bytes = buffer.AsMemory(0, used);
            if (n < 0) return Libc.LastErrno;
            if (n == 0) return Errno.None;
            used += (int)n;
            if (used > bound) return Errno.EFBIG;
        }
    }

    /// <summary>Writes all of <paramref name="bytes"/> to a descriptor; gives up on an error (a closed pipe), as there is nobody to tell.</summary>
    public static bool Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint n;
            fixed (byte* p = bytes) n = Libc.write(descriptor, p, (nuint)bytes.Length);
            if (n < 0 && Libc.LastErrno == Errno.EINTR) continue;
            if (n <= 0) return false;
            bytes = bytes[(int)n..];
        }

        return true;
    }

    public static bool IsTerminal(int descriptor) => Libc.isatty(descriptor) == 1;

    /// <summary>Whether this process may change the network: effective user id 0.</summary>
    public static bool IsRoot => Libc.geteuid() == 0;
}
