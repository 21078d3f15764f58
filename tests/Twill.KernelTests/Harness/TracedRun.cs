namespace Twill.KernelTests.Harness;

/// <summary>A plugin's run under the tracer.</summary>
public sealed record TracedRun(PluginOutcome Outcome, TraceReport Report)
{
    private const int TimeoutSeconds = 20;

    private static int s_count;

    /// <summary>Runs the plugin and everything it starts under ptrace, and strikes.</summary>
    public static TracedRun Of(PluginRun run, HostNamespace host, Strike strike)
    {
        string report = Path.Combine(Artifacts.Scratch, $"report-{Interlocked.Increment(ref s_count)}");
        try
        {
            PluginOutcome outcome = (run with { TimeoutMs = (TimeoutSeconds + 10) * 1000 }).Through(host, Artifacts.Tool("crash"), [.. strike.Arguments(), "-t", $"{TimeoutSeconds}", "-o", report, "--", run.Binary]);
            return new TracedRun(outcome with { Run = run }, TraceReport.Parse(report));
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>Whether the plugin itself came to its end and reported success.</summary>
    public bool Reported => Report.Killed ? Report.StatusBeforeKill == 0 : Outcome.Ok;
}
