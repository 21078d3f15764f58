using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Nft;

namespace Twill.Lab.Steps;

/// <summary>A pod gets its cable: our own executable does it, called as a container runtime calls a CNI plugin.</summary>
internal sealed record AttachPod(string Node, PodPlan Plan, ClusterNode Known) : LabStep(Plan.Owner.ContainerId, Node)
{
    internal string Pod => Plan.Owner.ContainerId;

    internal override string Missing => $"{Pod} has no cable to {Node}";

    internal override IReadOnlyList<string> Lines => [.. Plan.ToLines(Pod, Node)];
}

/// <param name="HostEnd">The node's end of the cable; null: the pod's end is all there is.</param>
internal sealed record DetachPod(string Node, string Pod, ClusterNode Known, string? HostEnd, string Why) : LabStep(Pod, Node)
{
    internal override string Missing => $"{Pod} {Why}";

    internal override IReadOnlyList<string> Lines => HostEnd is null ? [] : [$"ip -n {Node} link del {HostEnd}"];

    internal override bool Removes => true;
}

/// <param name="Rules">All of the network.</param>
/// <param name="Surplus">Those of subnets that the network has no longer.</param>
internal sealed record SetMasquerade(string Node, NetworkSettings Network, IReadOnlyList<NftRule> Rules, IReadOnlyList<NftRule> Absent, IReadOnlyList<NftRuleInfo> Surplus) : LabStep(Node, Node)
{
    internal override string Missing => Absent.Count > 0
        ? $"{Node} does not masquerade what its pods send to the internet, so no answer finds the way back"
        : $"{Node} masquerades a subnet that it has no longer";

    internal override IReadOnlyList<string> Lines
    {
        get
        {
            var lines = new List<string>();
            NftChain chain = MasqueradePlan.Postrouting;
            if (Absent.Count > 0)
            {
                lines.Add($"{Inside} nft add table {chain.Table}");
                lines.Add($"{Inside} nft 'add chain {chain} {{ {chain.Hook!.ToText(chain.Table.Family)}; }}'");
            }

            lines.AddRange(Absent.Select(r => $"{Inside} nft 'add rule {r.Chain} {r}'"));
            lines.AddRange(Surplus.Select(r => $"{Inside} nft delete rule {r.Chain} handle {r.Handle}"));
            return lines;
        }
    }

    internal override bool Removes => Absent.Count == 0;
}

/// <summary>A process that shares the pod's network namespace.</summary>
internal sealed record StartContainer(string Pod, string Name, string Node) : LabStep(Pod, Node)
{
    internal override string Missing => $"container {Name} of pod {Pod} is not running";

    internal override IReadOnlyList<string> Lines => [$"# container {Name}: any process in the pod's namespace, e.g. {Inside} sleep infinity &"];
}

internal sealed record StopContainer(string Pod, string Name, string Group) : LabStep(Pod, Group)
{
    internal override string Missing => $"container {Name} of pod {Pod} is still running, and nobody asked for it";

    internal override IReadOnlyList<string> Lines => [$"# container {Name} of pod {Pod} ends: kill its process"];

    internal override bool Removes => true;
}
