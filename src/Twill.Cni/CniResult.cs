namespace Twill.Cni;

/// <summary>What an ADD made, in the superset of all forms: that of 1.1.0.</summary>
/// <remarks>Two results with equal contents in equal order are equal. Source: CNI SPEC.md 1.1.0, section 5 "ADD Success".</remarks>
public sealed partial record CniResult
{
    /// <summary>Every interface made, those of the host included.</summary>
    public IReadOnlyList<CniInterface> Interfaces { get; init; } = [];

    public IReadOnlyList<CniIp> Ips { get; init; } = [];

    public IReadOnlyList<CniRoute> Routes { get; init; } = [];

    public CniDns Dns { get; init; } = CniDns.Empty;

    /// <summary>The same as an IPAM plugin says it: no interfaces, no index of one.</summary>
    public CniResult WithoutInterfaces()
    {
        var ips = new CniIp[Ips.Count];
        for (var i = 0; i < ips.Length; i++)
            ips[i] = Ips[i] with { Interface = null };
        return this with { Interfaces = [], Ips = ips };
    }

    public bool Equals(CniResult? other) => other is not null && Dns == other.Dns
        && Interfaces.SequenceEqual(other.Interfaces) && Ips.SequenceEqual(other.Ips) && Routes.SequenceEqual(other.Routes);

    public override int GetHashCode() => HashCode.Combine(Interfaces.Count, Ips.Count, Routes.Count, Dns);
}
