using Twill.Lab.Agents;
using Twill.Lab.Model;

namespace Twill.Lab.Steps;

/// <summary>The list of nodes that all agents read, replaced in one move.</summary>
internal sealed record TellNodes(string Text) : LabStep(LabNames.Router, LabNames.Router)
{
    internal override string Missing => "the list that the agents read does not say what is asked for";

    internal override string Remedy => $"the new {LabAgents.NodesPath}, as `twill lab fix --how` prints it";

    internal override IReadOnlyList<string> Lines =>
    [
        $"mkdir -p {LabAgents.Directory}",
        $"cat >{LabAgents.NodesPath}.new <<'END' && mv {LabAgents.NodesPath}.new {LabAgents.NodesPath}\n{Text}END",
    ];
}

internal sealed record StartEtcd(LabSpec Spec) : LabStep(LabNames.Router, LabNames.Router)
{
    internal override string Missing => "the etcd that the agents share is not running";

    internal override IReadOnlyList<string> Lines => [$"mkdir -p {LabAgents.Directory}", $"{Inside} {LabEtcd.CommandOf(Spec)} >{LabAgents.Directory}/etcd.log 2>&1 &"];
}

/// <summary>Nobody needs it any longer.</summary>
internal sealed record StopEtcd() : LabStep(LabNames.Router, "")
{
    internal override string Missing => "the etcd that no agent needs is still running";

    internal override IReadOnlyList<string> Lines => ["# etcd ends: kill its process"];

    internal override bool Removes => true;
}

/// <param name="Command">The words behind `twill`.</param>
/// <param name="Running">Those of the agent that works there now; empty: none does.</param>
internal sealed record StartAgent(string Node, string Command, string Running) : LabStep(Node, Node)
{
    internal override string Missing => Running.Length == 0 ? $"the agent of {Node} is not running" : $"the agent of {Node} runs with other settings: twill {Running}";

    internal override IReadOnlyList<string> Lines => [$"{Inside} twill {Command} >{LabAgents.LogOf(Node)} 2>&1 &"];
}

/// <param name="Leaves">The node goes, and its block and addresses are given back.</param>
internal sealed record StopAgent(string Node, string Group, LabSpec Spec, bool Leaves) : LabStep(Node, Group)
{
    internal override string Missing => $"the agent of {Node} is still running, and nobody asked for it";

    internal override IReadOnlyList<string> Lines =>
    [
        $"# the agent of {Node} ends: kill its process",
        .. Leaves && Spec.Source == LabSource.Etcd ? (string[])[$"ip netns exec {LabNames.Router} twill node remove {Node} --source etcd://{LabEtcd.EndpointOf(Spec)}"] : [],
    ];

    internal override bool Removes => true;
}
