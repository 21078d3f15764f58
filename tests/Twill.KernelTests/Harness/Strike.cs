using Twill.Linux.Sys;

namespace Twill.KernelTests.Harness;

/// <summary>What happens to a run at its N-th state-changing system call (tests/tools/crash.c says which those are).</summary>
/// <param name="Point">From 1; 0: never, only count.</param>
public sealed record Strike(int Point, StrikeKind Kind, int Number = 0)
{
    public static Strike Never { get; } = new(0, StrikeKind.KillAtEntry);

    /// <summary>kill -9 to the whole tree before the call takes place.</summary>
    public static Strike KillAtEntry(int point) => new(point, StrikeKind.KillAtEntry);

    /// <summary>kill -9 to the whole tree when the call has taken place.</summary>
    public static Strike KillAtExit(int point) => new(point, StrikeKind.KillAtExit);

    /// <summary>The call fails with this errno and has no effect.</summary>
    public static Strike Fail(int point, Errno errno) => new(point, StrikeKind.Fail, (int)errno);

    /// <summary>The process gets this signal.</summary>
    public static Strike Signal(int point, int signal) => new(point, StrikeKind.Signal, signal);

    public override string ToString() => Kind switch
    {
        StrikeKind.Fail => $"{(Errno)Number} at {Point}",
        StrikeKind.Signal => $"signal {Number} at {Point}",
        StrikeKind.KillAtExit => $"kill at the exit of {Point}",
        _ => $"kill at the entry of {Point}",
    };

    internal IReadOnlyList<string> Arguments() => Point == 0 ? [] : Kind switch
    {
        StrikeKind.KillAtExit => ["-n", $"{Point}", "-x"],
        StrikeKind.Fail => ["-n", $"{Point}", "-f", $"{Number}"],
        StrikeKind.Signal => ["-n", $"{Point}", "-s", $"{Number}"],
        _ => ["-n", $"{Point}"],
    };
}
