using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Lab.Container;
using Twill.Lab.Model;
using Twill.Lab.State;
using Twill.Linux.Nft;

namespace Twill.Lab.Steps;

/// <summary>Pods: their cables, what is inside, and the masquerading of what they send.</summary>
internal sealed partial class LabDifference
{
    private void Pod(LabPodSpec pod, NamespaceState wanted, NamespaceState actual)
    {
        if (!_goal.Spec.Empty) Attachment(_plan.Pod(pod), pod, wanted, actual);
        foreach (string container in actual.Containers.Where(c => !pod.Containers.Contains(c, StringComparer.Ordinal))) _steps.Add(new StopContainer(pod.Name, container, pod.Node));

        // Who serves comes before those who ask.
        foreach (string container in pod.Containers.OrderBy(c => c != ContainerProcess.Server).Where(c => !actual.Containers.Contains(c, StringComparer.Ordinal))) _steps.Add(new StartContainer(pod.Name, container, pod.Node));
    }

    private void Attachment(PodPlan plan, LabPodSpec pod, NamespaceState wanted, NamespaceState actual)
    {
        LinkState? inside = actual.Link(plan.Owner.IfName), end = HostEnd(pod.Node, pod.Name) ?? Link(pod.Node, plan.HostName);
        bool connected = inside is not null && end is not null && inside.PeerNamespace == pod.Node && inside.Peer == end.Name;
        if (!connected || end!.Name != plan.HostName || !plan.AltNames.ToHashSet(StringComparer.Ordinal).SetEquals(end.AltNames))
        {
            if (end is not null) _steps.Add(new DetachPod(pod.Node, pod.Name, _plan.Node(pod.Node), end.Name, connected ? "has a cable for other addresses than it should have" : "has half a cable"));
            if (inside is not null && !connected) _steps.Add(new RemoveLink(pod.Name, pod.Node, inside.Name, $"is not the cable to {pod.Node}"));
            _steps.Add(new AttachPod(pod.Node, plan, _plan.Node(pod.Node)));
            return;
        }

        Settings(pod.Node, pod.Node, _goalEnds[pod.Name], end);
        Settings(pod.Name, pod.Node, wanted.Link(plan.Owner.IfName)!, inside!);
        Addressing(wanted, actual, pod.Node);
    }

    /// <summary>The node's end of a pod's cable, by the owner that it names.</summary>
    private LinkState? HostEnd(string node, string pod) => _ends.GetValueOrDefault($"{node} {new Owner(pod, LabAddresses.PodInterface).AltName}");

    private void Masquerading(string node, NamespaceState actual)
    {
        IReadOnlyList<NftRule> rules = _plan.Masquerade(node);
        NftRule[] absent = [.. rules.Where(r => !actual.Rules.Any(r.Matches))];
        NftRuleInfo[] surplus = [.. actual.Rules.Where(i => i.Chain.Table == MasqueradePlan.Table && i.Comment is { } c && MasqueradePlan.IsOf(c, LabAddresses.Network) && !rules.Any(r => r.Comment == c))];
        if (absent.Length > 0 || surplus.Length > 0) _steps.Add(new SetMasquerade(node, _plan.Network(node), rules, absent, surplus));
    }
}
