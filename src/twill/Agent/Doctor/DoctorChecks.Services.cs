namespace Twill.Agent.Doctor;

/// <summary>Services.</summary>
internal static partial class DoctorChecks
{
    private static IEnumerable<DoctorCheck> Services()
    {
        yield return new DoctorCheck("TWD036", "services", "Nobody else translates services on this node.", f => f.OtherProxies is [var other, ..] && IsOn(f)
            ? new Finding($"kube-proxy's rules are here as well ({other}): ours come first, so they only cost", "take kube-proxy from the cluster (kubectl -n kube-system delete daemonset kube-proxy; kube-proxy --cleanup), or leave services to it: twill agent --services off") { IsWarning = true } : null);
        yield return new DoctorCheck("TWD037", "services", "What the source says of services is in the kernel.", f => f.Report.Agent is { } agent && agent.TryGetProperty("services", out var services) && services.GetProperty("on").GetBoolean() && services.GetProperty("count").GetInt64() > 0 && !services.GetProperty("inPlace").GetBoolean()
            ? new Finding($"{services.GetProperty("count").GetInt64()} services are known and not in place: new connections go where the table of before sends them", "twill watch says what the kernel refused") : null);
    }

    private static bool IsOn(DoctorFacts facts) => facts.Report.Agent is not { } agent || !agent.TryGetProperty("services", out var services) || services.GetProperty("on").GetBoolean();
}
