namespace Twill.KernelTests.Harness;

public enum StrikeKind
{
    KillAtEntry,
    KillAtExit,
    Fail,
    Signal,
}
