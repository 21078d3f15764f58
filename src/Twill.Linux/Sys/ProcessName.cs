using System.Text;

namespace Twill.Linux.Sys;

/// <summary>What a process calls itself. Source: man 5 proc, /proc/PID/comm.</summary>
public static unsafe class ProcessName
{
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
