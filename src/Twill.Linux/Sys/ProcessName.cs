using System.Text;

namespace Twill.Linux.Sys;

/// <summary>What a process, or a thread of it, calls itself. Source: man 5 proc, /proc/PID/comm; man 2 prctl, PR_SET_NAME.</summary>
public static unsafe class ProcessName
{
    private const int PR_SET_NAME = 15, MaxBytes = 15;

    /// <summary>Names the calling thread, for `top -H` and for what the kernel says of who changed something.</summary>
    /// <remarks>Compiled ahead of time, <see cref="Thread.Name"/> does not reach the kernel (.NET 9).</remarks>
    public static void SetOfThread(string name)
    {
        Span<byte> text = stackalloc byte[MaxBytes + 1];
        text.Clear();
        Encoding.UTF8.TryGetBytes(name, text[..MaxBytes], out _);
        fixed (byte* p = text) _ = Libc.prctl(PR_SET_NAME, p, 0, 0, 0); // it cannot fail but by a bad pointer
    }

    /// <returns>Up to 15 bytes; null: there is no such process (any more).</returns>
    public static string? Of(uint pid)
    {
        using Descriptor? file = Descriptor.TryOpen($"/proc/{pid}/comm", Libc.O_RDONLY, out _);
        if (file is null) return null;
        Span<byte> buffer = stackalloc byte[64];
        nint n;
        fixed (byte* p = buffer) n = Libc.read(file.Number, p, (nuint)buffer.Length);
        return n <= 0 ? null : Encoding.UTF8.GetString(buffer[..(int)n]).TrimEnd('\n');
    }
}
