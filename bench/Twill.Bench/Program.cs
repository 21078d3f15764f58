using System.Runtime.InteropServices;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>The attach benchmark. Started by bench/attach, which makes the private namespaces it needs.</summary>
internal static class Program
{
    private const int Done = 0, Violated = 1, Usage = 2, Interrupted = 130;

    private static int Main(string[] arguments)
    {
        try
        {
            if (arguments is ["plan"]) return PlanBench.Run();
            if (arguments is ["repair", var batches]) return RepairBench.Run(int.Parse(batches, System.Globalization.CultureInfo.InvariantCulture));
            if (arguments is ["services"]) return ServiceBench.Run();
            if (arguments is ["agent", var sizes]) return AgentBench.Run(sizes);
            return Run(BenchOptions.Parse(arguments));
        }
        catch (Exception e) when (e is BenchException or LinuxException)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return Usage;
        }
    }

    private static int Run(BenchOptions options)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        var subjects = new List<Subject> { options.StandIn ? Subject.Reference(options.PeerDirs[0], "stand-in") : Subject.Twill(options.Twill) };
        foreach (string directory in options.PeerDirs)
        {
            Subject peer = Subject.Reference(directory);
            if (subjects.Exists(s => s.Name == peer.Name)) peer = Subject.Reference(directory, $"{peer.Name} ({directory})");
            subjects.Add(peer);
        }

        Machine machine = Machine.Look();
        var bench = new AttachBench(options, subjects, stop.Token);
        Results results = bench.Run();
        string loadAfter = Machine.Load();
        Print(results, options, machine, bench.Guard);

        Directory.CreateDirectory(options.Out);
        Write(options, "attach.md", MarkdownReport.Write(results, options, machine, bench.Guard, loadAfter));
        Write(options, "attach.svg", SvgChart.Write(results, options, machine));
        Write(options, "attach.json", JsonReport.Write(results, options, machine, bench.Guard));
        return results.Interrupted ? Interrupted : bench.Guard.Count > 0 ? Violated : Done;
    }

    private static void Print(Results results, BenchOptions options, Machine machine, Guard guard)
    {
        TextWriter o = Console.Out;
        o.Write($"{machine.Cpu}, {machine.Cpus} CPUs, kernel {machine.Kernel}, commit {options.Commit}; only ratios carry over\n\n");
        o.Write(Tables.Floors(results).Plain);
        o.Write($"\nOne call at a time, ms\n\n{Tables.Calls(results, options, sequential: true).Plain}");
        Tables.Table flat = Tables.Flat(results, options), parallel = Tables.Calls(results, options, sequential: false);
        if (flat.Rows.Count > 0) o.Write($"\nFullest node by emptiest\n\n{flat.Plain}");
        if (parallel.Rows.Count > 0) o.Write($"\nMany calls at once, ms\n\n{parallel.Plain}");
        o.Write($"\nProcesses and system calls of one call\n\n{Tables.Counts(results).Plain}");
        o.Write($"\nchecked {guard.Checked} calls, {guard.Pinged} pings: {guard.Count} violations\n");
        foreach (string violation in guard.Violations) o.Write($"  {violation}\n");
    }

    private static void Write(BenchOptions options, string name, string text)
    {
        string path = Path.Combine(options.Out, name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        Console.Error.WriteLine($"bench: wrote {path}");
    }
}
