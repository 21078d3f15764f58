using Twill.KernelTests.Harness;

namespace Twill.KernelTests.Plugin;

/// <summary>One run of a campaign: a host of its own, perhaps with a neighbour who must not be hurt, and a list of what went wrong.</summary>
internal sealed class Scene : IDisposable
{
    /// <summary>The kernel takes the contents of a namespace away a little after its last user.</summary>
    private const int VanishTimeoutMs = 5000;

    private readonly List<Attachment> _living = [];
#pragma warning disable CA2213 // the host disposes its pods
    private readonly Pod? _neighbour;
#pragma warning restore CA2213
    private readonly AddResult? _neighbourResult;

    /// <param name="warm">Whether another pod is attached already, so that bridge, rules and settings are there.</param>
    internal Scene(Net net, bool warm)
    {
        Net = net;
        Host = new HostNamespace { LooksAround = net.LooksAround };
        if (!warm) return;
        _neighbour = Host.NewPod();
        _neighbourResult = Attach(_neighbour);
        if (_neighbourResult is null) throw new InvalidOperationException($"the neighbour cannot be attached: {string.Join("; ", Findings.Select(f => f.Text))}");
    }

    internal Net Net { get; }

    internal HostNamespace Host { get; }

    internal List<Finding> Findings { get; } = [];

    /// <summary>Who should be attached now.</summary>
    internal IReadOnlyList<Attachment> Living => _living;

    public void Dispose() => Host.Dispose();

    internal void Note(FindingKind kind, string? text)
    {
        if (text is not null) Findings.Add(new Finding(kind, text));
    }

    /// <summary>ADD that must succeed, be true and work.</summary>
    internal AddResult? Attach(Pod pod, string why = "ADD")
    {
        PluginOutcome outcome = Net.Add(Host, pod);
        if (outcome.Ok) return Accept(pod, outcome, why);
        Note(FindingKind.Add, $"{why}: {outcome}");
        return null;
    }

    /// <summary>An ADD that has succeeded: from now on it must be there. What it said is compared with the pod.</summary>
    internal AddResult Accept(Pod pod, PluginOutcome outcome, string why = "ADD")
    {
        AddResult result = outcome.Result;
        Live(Attachment.Of(outcome with { Run = Net.Call("ADD", pod) }, Net.Shaped));
        foreach (string problem in result.Problems(pod, "eth0")) Note(FindingKind.Add, $"{why}: {problem}");
        return result;
    }

    internal void Live(Attachment attachment) => _living.Add(attachment);

    internal void Gone(Pod pod) => _living.RemoveAll(a => a.ContainerId == pod.ContainerId);

    /// <summary>DEL that must succeed.</summary>
    internal void Detach(Pod pod, AddResult? result = null, string why = "DEL")
    {
        PluginOutcome outcome = Net.Del(Host, pod, result?.Json, withNetNs: pod.IsThere);
        if (!outcome.Ok) Note(FindingKind.Del, $"{why}: {outcome}");
        else if (outcome.Output.Trim().Length > 0) Note(FindingKind.Del, $"{why} printed: {outcome}");
        Gone(pod);
    }

    /// <summary>GC with everybody who should live.</summary>
    internal void Collect(string why = "GC", params IEnumerable<Attachment> also)
    {
        PluginOutcome outcome = Net.Gc(_living.Concat(also)).In(Host);
        if (!outcome.Ok) Note(FindingKind.Del, $"{why}: {outcome}");
    }

    /// <summary>The host holds what it should and nothing else, and the neighbour is well.</summary>
    internal void Audit(string when, bool afterVanishing = false)
    {
        IReadOnlyList<string> problems = [];
        if (afterVanishing) Host.LookUntil(s => (problems = Problems(s)).Count == 0, VanishTimeoutMs);
        else problems = Problems(Host.Look());
        foreach (string problem in problems) Note(FindingKind.Leak, $"{when}: {problem}");
        if (_neighbour is null || _neighbourResult is null) return;
        foreach (string problem in _neighbourResult.Problems(_neighbour, "eth0")) Note(FindingKind.Leak, $"{when}: the neighbour: {problem}");
    }

    /// <summary>The pod's namespace goes without a DEL; returns when the kernel has taken away every pair that hung on it.</summary>
    internal void Vanish(Pod pod)
    {
        pod.Vanish();
        Gone(pod);
        Host.LookUntil(s => s.Links.Count(l => l.Kind == "veth") <= _living.Count, VanishTimeoutMs);
    }

    private IReadOnlyList<string> Problems(HostState state) => Net.Audit(state, _living);
}
