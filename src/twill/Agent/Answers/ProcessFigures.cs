using System.Globalization;

namespace Twill.Agent.Answers;

/// <summary>What this process uses. Source: man 5 proc, /proc/self/stat and /proc/self/fd.</summary>
internal sealed record ProcessFigures(double CpuSeconds, long ResidentBytes, int OpenDescriptors)
{
    /// <summary>sysconf(_SC_CLK_TCK) and the page size are these on every Linux that we run on.</summary>
    private const double TicksPerSecond = 100, PageBytes = 4096;

    internal static ProcessFigures Read()
    {
        string stat = File.ReadAllText("/proc/self/stat");

        // The name in brackets may hold anything; behind it the third field begins.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double cpu = (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        return new ProcessFigures(cpu, (long)(double.Parse(fields[21], CultureInfo.InvariantCulture) * PageBytes), Directory.GetFiles("/proc/self/fd").Length);
    }
}
