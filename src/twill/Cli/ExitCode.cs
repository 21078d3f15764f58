namespace Twill.Cli;

/// <summary>What the process ends with. Documented in `twill help exit-codes`.</summary>
internal static class ExitCode
{
    internal const int Ok = 0, Problem = 1, Usage = 2, NotAllowed = 3, NotFound = 4, TimeOut = 5, Internal = 6;

    /// <summary>128 + SIGINT.</summary>
    internal const int Interrupted = 130;

    internal static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Ok, "Done, and all is well."),
        (Problem, "A problem was found, or the kernel refused; stderr says which."),
        (Usage, "The command line or an environment variable is wrong; nothing was done."),
        (NotAllowed, "Not allowed: this needs root, or a capability that stderr names."),
        (NotFound, "What was named is not there."),
        (TimeOut, "Nobody answered in time."),
        (Internal, "A bug in twill."),
        (Interrupted, "Interrupted by Ctrl-C."),
    ];
}
