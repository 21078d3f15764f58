using System.Globalization;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>Where the figures come from.</summary>
public sealed record Machine(string Cpu, int Cpus, string Memory, string Kernel, string System, string Iptables, int Mounts, string LoadBefore)
{
    public static Machine Look() => new(
        Field("/proc/cpuinfo", "model name", ':') ?? "unknown",
        Environment.ProcessorCount,
        Field("/proc/meminfo", "MemTotal", ':') is { } kib && long.TryParse(kib.Split(' ')[0], CultureInfo.InvariantCulture, out long n) ? $"{n / 1048576.0:F0} GiB" : "unknown",
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? "unknown",
        IptablesVersion(),
        File.ReadLines("/proc/self/mountinfo").Count(),
        Load());

    /// <summary>Load averages of 1, 5 and 15 minutes.</summary>
    public static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3));

    private static string IptablesVersion()
    {
        foreach (string program in (string[])["/usr/sbin/iptables", "/sbin/iptables"])
        {
            if (File.Exists(program)) return ChildProcess.Run(program, ["-V"], [], [], 5000).OutputText.Trim();
        }

        return "no iptables";
    }

    private static string? Field(string path, string name, char separator)
        => File.Exists(path)
            ? File.ReadLines(path).Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim()).FirstOrDefault()
            : null;
}
