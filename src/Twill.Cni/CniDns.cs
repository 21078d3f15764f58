namespace Twill.Cni;

/// <summary>Resolver settings. Information for the runtime: no plugin writes a resolv.conf.</summary>
/// <remarks>Source: CNI SPEC.md 1.1.0, "dns". The capability of the same name spells the lists servers, searches and options.</remarks>
public sealed record CniDns
{
    public static CniDns Empty { get; } = new();

    /// <summary>In order of priority, as text.</summary>
    public IReadOnlyList<string> Nameservers { get; init; } = [];

    public string? Domain { get; init; }

    public IReadOnlyList<string> Search { get; init; } = [];

    public IReadOnlyList<string> Options { get; init; } = [];

    public bool IsEmpty => Nameservers.Count == 0 && Domain is null && Search.Count == 0 && Options.Count == 0;

    public bool Equals(CniDns? other) => other is not null && Domain == other.Domain
        && Nameservers.SequenceEqual(other.Nameservers) && Search.SequenceEqual(other.Search) && Options.SequenceEqual(other.Options);

    public override int GetHashCode() => HashCode.Combine(Domain, Nameservers.Count, Search.Count, Options.Count);

    internal static CniDns Read(ref JsonInput json)
    {
        var dns = Empty;
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "nameservers" or "servers":
                    dns = dns with { Nameservers = json.Strings() };
                    break;
                case "domain":
                    dns = dns with { Domain = json.StringOrNull() };
                    break;
                case "search" or "searches":
                    dns = dns with { Search = json.Strings() };
                    break;
                case "options":
                    dns = dns with { Options = json.Strings() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return dns;
    }
}
