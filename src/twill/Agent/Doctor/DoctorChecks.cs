namespace Twill.Agent.Doctor;

/// <summary>All checks, in the order in which they are told. docs/doctor.md is the same table.</summary>
internal static partial class DoctorChecks
{
    internal static IReadOnlyList<DoctorCheck> All { get; } = [.. Host(), .. Configuration(), .. AgentOfNode(), .. Pods(), .. Ways(), .. Services()];

    /// <summary>What must hold before a machine becomes a node.</summary>
    internal static IReadOnlyList<string> BeforeJoining { get; } = ["TWD001", "TWD002", "TWD003", "TWD004", "TWD005", "TWD009"];

    internal static IReadOnlyList<(DoctorCheck Check, Finding? Finding)> Run(DoctorFacts facts) => [.. All.Select(c => (c, c.Look(facts)))];

    private static Finding Sysctl(DoctorFacts facts, string key, string value, string reason, bool warning = false)
        => new(reason, $"sysctl -w {key.Replace('/', '.')}={value}, and keep it: a file in /etc/sysctl.d") { IsWarning = warning, Mending = new Mending.SetSysctl(key, value, facts.Sysctl(key) ?? "") };
}
