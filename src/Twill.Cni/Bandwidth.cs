namespace Twill.Cni;

/// <summary>Shaping the runtime asks for. Ingress is towards the pod. 0 means no limit.</summary>
/// <param name="IngressRate">Bits per second.</param>
/// <param name="IngressBurst">Bits.</param>
/// <param name="EgressRate">Bits per second.</param>
/// <param name="EgressBurst">Bits.</param>
/// <remarks>
/// Source: CONVENTIONS.md, capability "bandwidth"; rules: the reference bandwidth plugin (rate and burst only together, burst
/// below 4 GB because the kernel counts it in 32 bits of bytes). The kernel counts in bytes, so less than 8 bits would be none.
/// </remarks>
public sealed record Bandwidth(ulong IngressRate = 0, ulong IngressBurst = 0, ulong EgressRate = 0, ulong EgressBurst = 0)
{
    /// <summary>Networks that alone are shaped; empty means all. Never together with <see cref="UnshapedSubnets"/>.</summary>
    public IReadOnlyList<IpCidr> ShapedSubnets { get; init; } = [];

    /// <summary>Networks that are not shaped.</summary>
    public IReadOnlyList<IpCidr> UnshapedSubnets { get; init; } = [];

    public bool IsNone => IngressRate == 0 && EgressRate == 0;

    public bool Equals(Bandwidth? other) => other is not null && IngressRate == other.IngressRate && IngressBurst == other.IngressBurst
        && EgressRate == other.EgressRate && EgressBurst == other.EgressBurst
        && ShapedSubnets.SequenceEqual(other.ShapedSubnets) && UnshapedSubnets.SequenceEqual(other.UnshapedSubnets);

    public override int GetHashCode() => HashCode.Combine(IngressRate, IngressBurst, EgressRate, EgressBurst);

    internal static Bandwidth Read(ref JsonInput json)
    {
        var b = new Bandwidth();
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ingressRate":
                    b = b with { IngressRate = json.UInt64() };
                    break;
                case "ingressBurst":
                    b = b with { IngressBurst = json.UInt64() };
                    break;
                case "egressRate":
                    b = b with { EgressRate = json.UInt64() };
                    break;
                case "egressBurst":
                    b = b with { EgressBurst = json.UInt64() };
                    break;
                case "shapedSubnets":
                    b = b with { ShapedSubnets = json.NetworkCidrs() };
                    break;
                case "unshapedSubnets":
                    b = b with { UnshapedSubnets = json.NetworkCidrs() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if ((Problem("ingress", b.IngressRate, b.IngressBurst) ?? Problem("egress", b.EgressRate, b.EgressBurst)) is { } problem)
            throw json.Invalid(problem);
        return b.ShapedSubnets.Count > 0 && b.UnshapedSubnets.Count > 0
            ? throw json.Invalid("shapedSubnets and unshapedSubnets exclude each other")
            : b;
    }

    private static string? Problem(string side, ulong rate, ulong burst) => (rate, burst) switch
    {
        (not 0, 0) => $"{side}Rate {rate} needs {side}Burst",
        (0, not 0) => $"{side}Burst {burst} needs {side}Rate",
        ( > 0 and < 8, _) => $"{side}Rate {rate} is less than one byte a second",
        (_, > 0 and < 8) => $"{side}Burst {burst} is less than one byte",
        _ when burst / 8 >= uint.MaxValue => $"{side}Burst {burst} is 4 GB or more",
        _ => null,
    };
}
