namespace Twill.Cli;

/// <summary>What the process ends with. Documented in `twill help exit-codes`.</summary>
internal static class ExitCode
{
    internal const int Ok = 0, Problem = 1, Usage = 2, NotAllowed = 3, NotFound = 4, TimeOut = 5, Internal = 6;

    /// <summary>128 + SIGINT.</summary>
    internal const int Interrupted = 130;

    internal static IReadOnlyList<Term> Meanings { get; } =
    [
        new($"{Ok}", "Done, and all is well."),
        new($"{Problem}", "A problem was found, or the kernel refused; stderr says which."),
        new($"{Usage}", "The command line or an environment variable is wrong; nothing was done."),
        new($"{NotAllowed}", "Not allowed: this needs root, or a capability that stderr names."),
        new($"{NotFound}", "What was named is not there."),
        new($"{TimeOut}", "Nobody answered in time."),
        new($"{Internal}", "A bug in twill."),
        new($"{Interrupted}", "Interrupted by Ctrl-C."),
    ];
}
