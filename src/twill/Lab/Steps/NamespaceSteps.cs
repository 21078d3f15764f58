namespace Twill.Lab.Steps;

/// <summary>A namespace with its mark, under its name.</summary>
/// <param name="Closed">Forwarding is switched off first: a learner's node begins so, whatever this machine does.</param>
internal sealed record MakeNamespace(LabMark Mark, string Group, bool Closed = false) : LabStep(Mark.Name, Group)
{
    internal override string Missing => $"there is no {Mark.Name}";

    internal override IReadOnlyList<string> Lines =>
    [
        $"ip netns add {Namespace}",
        $"{Ip} link set lo alias \"{Mark.Text}\" up",
        .. Mark.Names.Select(n => $"{Ip} link property add dev lo altname {n}"),
        .. Closed ? (string[])[$"{Inside} sysctl -eqw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"] : [],
    ];
}

/// <summary>The mark says what was asked for; this is asked for now.</summary>
internal sealed record SetMark(LabMark Mark, string Group) : LabStep(Mark.Name, Group)
{
    internal override string Missing => $"{Mark.Name} does not bear the mark \"{Mark.Text}\"";

    internal override IReadOnlyList<string> Lines => [$"{Ip} link set lo alias \"{Mark.Text}\""];
}

internal sealed record RemoveNamespace(string Name) : LabStep(Name, "")
{
    internal override string Missing => $"{Name} is still there, and nobody asked for it";

    internal override IReadOnlyList<string> Lines => [$"ip netns del {Name}"];

    internal override bool Removes => true;
}

/// <param name="Key">With slashes.</param>
internal sealed record SetSysctl(string Namespace, string Group, string Key, string Value) : LabStep(Namespace, Group)
{
    internal override string Missing => Key switch
    {
        "net/ipv4/ip_forward" => $"{Namespace} does not forward IPv4 packets (net.ipv4.ip_forward is not {Value})",
        "net/ipv6/conf/all/forwarding" => $"{Namespace} does not forward IPv6 packets (net.ipv6.conf.all.forwarding is not {Value})",
        _ => $"{Dotted} of {Namespace} is not {Value}",
    };

    internal override IReadOnlyList<string> Lines => [$"{Inside} sysctl -qw {Dotted}={Value}"];

    private string Dotted => Key.Replace('/', '.');
}
