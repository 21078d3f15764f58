using System.Globalization;

namespace Twill.KernelTests.Harness;

/// <summary>What tests/tools/crash.c saw of a run.</summary>
/// <param name="Points">The state-changing calls in order: "send netlink 0, 412 bytes: 16/605".</param>
/// <param name="Execs">Programs executed besides the first.</param>
/// <param name="Connects">Address families of connect(2).</param>
/// <param name="Written">Paths opened for writing or creation.</param>
/// <param name="Notes">Datagrams to named unix sockets: what the agent is told.</param>
/// <param name="StatusBeforeKill">Exit status of the first process where it had ended before the tree was killed; -1 where not.</param>
public sealed record TraceReport(
    IReadOnlyList<string> Points,
    IReadOnlyList<string> Execs,
    IReadOnlyList<int> Connects,
    IReadOnlyList<string> Written,
    int Calls,
    int Sends,
    int Messages,
    int Reads,
    bool Killed,
    int StatusBeforeKill,
    bool TimedOut,
    int MaxRssKb,
    int Notes)
{
    internal static TraceReport Parse(string path)
    {
        List<string> points = [], execs = [], written = [];
        List<int> connects = [];
        int notes = 0;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(path))
        {
            string[] w = line.Split(' ');
            switch (w[0])
            {
                case "point": points.Add(string.Join(' ', w[3..]).Trim()); break;
                case "note": notes++; break;
                case "exec": execs.Add(w[2]); break;
                case "connect": connects.Add(int.Parse(w[2], CultureInfo.InvariantCulture)); break;
                case "open": written.Add(string.Join(' ', w[3..])); break;
                default: numbers[w[0]] = int.Parse(w[1], CultureInfo.InvariantCulture); break;
            }
        }

        return new TraceReport(points, execs.Count > 0 ? execs[1..] : [], connects, written, numbers["calls"], numbers["sends"], numbers["messages"], numbers["reads"], numbers["killed"] == 1, numbers["before"], numbers["timeout"] == 1, numbers["maxrss"], notes);
    }
}
