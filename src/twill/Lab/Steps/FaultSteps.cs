using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Lab.Steps;

/// <summary>Steps that break something, for a lesson.</summary>
internal sealed record SetDown(string Namespace, string Group, LinkState Link) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{LinkWords.Name(Link)} of {Namespace} is up";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set {Link.Name} down"];

    internal override bool Removes => true;
}

internal sealed record Unplug(string Namespace, string Group, LinkState Link) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Link.Name} of {Namespace} is plugged into the bridge {Link.Master}";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set {Link.Name} nomaster"];

    internal override bool Removes => true;
}

/// <summary>A neighbour entry that stays until somebody removes it.</summary>
internal sealed record SetNeighbour(string Namespace, string Group, string Device, IpAddress Address, MacAddress Mac) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Namespace} finds out by itself where {Address} is";

    internal override IReadOnlyList<string> Lines => [$"{Ip} neigh replace {Address} lladdr {Mac} dev {Device} nud permanent"];
}

internal sealed record DropMasquerade(string Namespace, string Group, IReadOnlyList<NftRuleInfo> Rules) : LabStep(Namespace, Group)
{
    internal override string Missing => $"{Namespace} masquerades what its pods send to the internet";

    internal override IReadOnlyList<string> Lines => [.. Rules.Select(r => $"{Inside} nft delete rule {r.Chain} handle {r.Handle}")];

    internal override bool Removes => true;
}
