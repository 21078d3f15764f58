using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Lab.Agents;
using Twill.Lab.Goal;
using Twill.Lab.Model;

namespace Twill.Lab.Steps;

/// <summary>The router's mark tells of the lab's services; these are asked for now.</summary>
internal sealed record SetServiceNames(IReadOnlyList<string> Absent, IReadOnlyList<string> Surplus) : LabStep(LabNames.Router, LabNames.Router)
{
    internal override string Missing => Absent.Count > 0 ? $"{Namespace} does not bear the mark \"{Absent[^1]}\"" : $"{Namespace} still bears the mark \"{Surplus[^1]}\"";

    internal override IReadOnlyList<string> Lines => [.. Surplus.Select(n => $"{Ip} link property del dev lo altname {n}"), .. Absent.Select(n => $"{Ip} link property add dev lo altname {n}")];

    internal override bool Removes => Absent.Count == 0;
}

/// <summary>A node translates what goes to services into what goes to their pods.</summary>
/// <param name="Bridge">Whose packets the translation must see; with its name alone nothing of it changes.</param>
/// <param name="Calls">It does not hand its packets to the inet hooks yet.</param>
/// <param name="Ports">Of the bridge, which a pod's packet cannot leave where it came in.</param>
internal sealed record SetServices(string Node, ServiceSnapshot Snapshot, ServiceComparison Comparison, string Bridge, bool Calls, IReadOnlyList<string> Ports) : LabStep(Node, Node)
{
    internal override string Missing => Comparison.Difference switch
    {
        null => $"{Node} does not know the services",
        { IsEmpty: false } difference => $"{Node} does not know the services as they are: {difference.Count.Added} elements are missing in table {ServiceTable.Table}, {difference.Count.Removed} are too many",
        _ when Calls => $"the bridge of {Node} does not let nftables see what goes from pod to pod, so answers of a service's pods are not translated back",
        _ => $"pods of {Node} cannot reach themselves through a service: port {Ports[0]} sends nothing back where it came from",
    };

    internal override string Remedy => Comparison.IsEmpty ? Lines[0] : $"{Inside} nft -f -, with the lines that `twill lab fix --how` prints";

    internal override IReadOnlyList<string> Lines =>
    [
        .. Calls ? (string[])[$"{Ip} link set {Bridge} type bridge nf_call_iptables 1 nf_call_ip6tables 1"] : [],
        .. Ports.Select(p => $"bridge -n {Node} link set dev {p} hairpin on"),
        .. Comparison.IsEmpty ? [] : (string[])[$"{Inside} nft -f - <<'END'\n{Comparison.ToScript()}END"],
    ];
}

/// <summary>The services in etcd, which every node's agent follows.</summary>
internal sealed record TellServices(LabSpec Spec) : LabStep(LabNames.Router, LabNames.Router)
{
    internal override string Missing => "the etcd that the agents follow does not say which services there are";

    internal override IReadOnlyList<string> Lines
        => [.. Spec.Services.Select(s => $"{Inside} twill {string.Join(' ', LabEtcd.AddWords(Spec, s))}"), $"# other services of namespace {LabServices.Namespace} go: {Inside} twill service remove NAME --namespace {LabServices.Namespace} --source etcd://{LabEtcd.EndpointOf(Spec)}"];
}

internal sealed record RemoveServices(string Node, string Bridge) : LabStep(Node, Node)
{
    internal override string Missing => $"{Node} still translates services, and nobody asked for it";

    internal override IReadOnlyList<string> Lines => [$"{Inside} nft delete table {ServiceTable.Table}", $"{Ip} link set {Bridge} type bridge nf_call_iptables 0 nf_call_ip6tables 0"];

    internal override bool Removes => true;
}
