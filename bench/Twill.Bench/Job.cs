namespace Twill.Bench;

/// <summary>One program to start: its argv, whole environment, stdin.</summary>
/// <param name="Previous">Put the step before's result into the JSON object on stdin, as prevResult.</param>
public sealed record Step(string Path, IReadOnlyList<string> Argv, IReadOnlyList<string> Environment, ReadOnlyMemory<byte> Input, bool Previous);

/// <summary>Steps run one after another under one clock.</summary>
/// <param name="MustBeGone">A link that is looked up the moment the last step has returned; null looks up nothing.</param>
public sealed record Job(IReadOnlyList<Step> Steps, string? MustBeGone = null);

/// <summary>What a job took and left.</summary>
/// <param name="Ns">From before the first fork to after the last end of file and waitpid.</param>
/// <param name="StartNs">CLOCK_MONOTONIC_RAW.</param>
/// <param name="Gone">Whether <see cref="Job.MustBeGone"/> was gone; null if none was asked for.</param>
/// <param name="Calls">System calls, only under the counting pass; so the three before it.</param>
/// <param name="Histogram">Counts by system call number.</param>
public sealed record Outcome(long Ns, long StartNs, int ExitCode, long UserUs, long SystemUs, long Faults, bool? Gone, long Processes, long Execs, long Threads, long Calls, byte[] Output, string Error,
    IReadOnlyDictionary<int, long> Histogram)
{
    public bool Ok => ExitCode == 0;
}
