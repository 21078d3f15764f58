using System.Globalization;
using System.Text;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>Runs jobs through tools/spawn.c, whose first lines say how; the clock is there, not here.</summary>
public sealed class Spawner(string tools)
{
    private const int TimeoutMs = 600_000;
    private readonly string _program = Path.Combine(tools, "spawn");

    /// <param name="node">The namespace that the plugins are started in.</param>
    /// <param name="workers">How many run at once.</param>
    /// <param name="quiet">Wait for the kernel's deferred work before each job.</param>
    /// <param name="count">Count processes and system calls; times mean nothing then.</param>
    public IReadOnlyList<Outcome> Run(NetworkNamespace node, IReadOnlyList<Job> jobs, int workers = 1, bool quiet = true, bool count = false)
    {
        byte[] input = Encode(jobs, workers, quiet, count);
        ChildProcess.Outcome outcome = node.Run(() => ChildProcess.Run(_program, [], [], input, TimeoutMs));
        if (outcome.ExitCode != 0) throw new BenchException($"{_program}: exit {outcome.ExitCode}: {outcome.ErrorText.Trim()}");
        return Decode(outcome.Output, jobs.Count);
    }

    private static byte[] Encode(IReadOnlyList<Job> jobs, int workers, bool quiet, bool count)
    {
        using var into = new MemoryStream();
        Text(into, $"W {workers} {(quiet ? 1 : 0)} {(count ? 1 : 0)}\n");
        foreach (Job job in jobs)
        {
            Text(into, $"J {job.Steps.Count} {job.MustBeGone ?? "-"}\n");
            foreach (Step step in job.Steps)
            {
                byte[] path = Encoding.UTF8.GetBytes(step.Path);
                byte[] argv = Block(step.Argv);
                byte[] environment = Block(step.Environment);
                Text(into, $"S {path.Length} {argv.Length} {environment.Length} {step.Input.Length} {(step.Previous ? 1 : 0)}\n");
                into.Write(path);
                into.Write(argv);
                into.Write(environment);
                into.Write(step.Input.Span);
            }
        }

        return into.ToArray();
    }

    private static List<Outcome> Decode(ReadOnlySpan<byte> bytes, int expected)
    {
        var outcomes = new List<Outcome>(expected);
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            string[] f = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
            if (f.Length != 16 || f[0] != "R") throw new BenchException($"spawn: cannot read its record {string.Join(' ', f)}");
            bytes = bytes[(end + 1)..];
            byte[] output = Cut(ref bytes, f[13]).ToArray();
            string error = Encoding.UTF8.GetString(Cut(ref bytes, f[14]));
            string histogram = Encoding.ASCII.GetString(Cut(ref bytes, f[15]));
            outcomes.Add(new Outcome(Long(f[1]), Long(f[2]), (int)Long(f[3]), Long(f[5]), Long(f[6]), Long(f[7]), f[8] switch { "1" => true, "0" => false, _ => null },
                Long(f[9]), Long(f[10]), Long(f[11]), Long(f[12]), output, error, Histogram(histogram)));
        }

        return outcomes.Count == expected ? outcomes : throw new BenchException($"spawn: {outcomes.Count} records for {expected} jobs");
    }

    private static Dictionary<int, long> Histogram(string text)
        => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(':')).ToDictionary(pair => (int)Long(pair[0]), pair => Long(pair[1]));

    private static ReadOnlySpan<byte> Cut(ref ReadOnlySpan<byte> bytes, string length)
    {
        int n = (int)Long(length);
        ReadOnlySpan<byte> cut = bytes[..n];
        bytes = bytes[n..];
        return cut;
    }

    private static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Block(IEnumerable<string> strings) => Encoding.UTF8.GetBytes(string.Concat(strings.Select(s => s + "\0")));

    private static void Text(MemoryStream into, string text) => into.Write(Encoding.ASCII.GetBytes(text));
}
