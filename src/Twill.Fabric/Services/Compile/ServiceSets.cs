using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Compile;

/// <summary>The sets and maps of one family.</summary>
/// <remarks>Indexes and numbers have the type of a mark: nft 1.0.6 dies (an assertion) while it lists a key with a plain integer in it.</remarks>
public sealed class ServiceSets
{
    internal ServiceSets(NftTable table, bool v6)
    {
        V6 = v6;
        string family = v6 ? "6" : "4";
        NftType address = v6 ? NftType.Ipv6Addr : NftType.Ipv4Addr;
        NftType frontend = Key(address), indexed = Key(address, NftType.Mark), backend = NftType.Concat(address, NftType.InetService);
        NftSet Make(string name, NftType key, NftType? data = null) => new(table, $"{name}{family}", key) { Data = data };
        Services = Make("services", frontend, NftType.Verdict) with { Counter = true };
        Inside = Make("inside", frontend, NftType.Verdict) with { Counter = true };
        Endpoints = Make("endpoints", indexed, backend);
        InsideEndpoints = Make("inside-endpoints", indexed, backend);
        Picks = Make("picks", indexed, NftType.Mark);
        InsidePicks = Make("inside-picks", indexed, NftType.Mark);
        Live = Make("live", indexed, backend);
        InsideLive = Make("inside-live", indexed, backend);
        Affinity = Make("affinity", Key(address, address), NftType.Mark) with { Dynamic = true, Timeout = true, Size = MaxClients };
        Hairpin = Make("hairpin", NftType.Concat(address, address));
        Masquerade = Make("masquerade", frontend);
        Restricted = Make("restricted", frontend);
        Ranges = Make("ranges", Key(address, address)) with { Interval = true };
        Addresses = Make("addresses", address);
        Pods = Make("pods", address) with { Interval = true };
    }

    /// <summary>Clients remembered for session affinity, all services together; one more is served without being remembered.</summary>
    private const uint MaxClients = 1 << 18;

    public bool V6 { get; }

    /// <summary>Frontend to chain.</summary>
    public NftSet Services { get; }

    /// <summary>The same for clients on this node, where it differs.</summary>
    public NftSet Inside { get; }

    /// <summary>Frontend and index to endpoint.</summary>
    public NftSet Endpoints { get; }

    public NftSet InsideEndpoints { get; }

    /// <summary>Frontend and index to the endpoint's number, of frontends with affinity.</summary>
    public NftSet Picks { get; }

    public NftSet InsidePicks { get; }

    /// <summary>Frontend and number to endpoint: only numbers in it are believed.</summary>
    public NftSet Live { get; }

    public NftSet InsideLive { get; }

    /// <summary>Frontend and client to number; written by packets.</summary>
    public NftSet Affinity { get; }

    /// <summary>Each endpoint of this node, twice: a pod that reaches itself.</summary>
    public NftSet Hairpin { get; }

    public NftSet Masquerade { get; }

    /// <summary>Frontends with source ranges.</summary>
    public NftSet Restricted { get; }

    public NftSet Ranges { get; }

    /// <summary>Cluster addresses: other ports of them are refused.</summary>
    public NftSet Addresses { get; }

    /// <summary>This node's own pods.</summary>
    public NftSet Pods { get; }

    /// <summary>All whose elements we write; without <see cref="Affinity"/>, which belongs to the packets.</summary>
    public IEnumerable<NftSet> Ours => [Services, Inside, Endpoints, InsideEndpoints, Picks, InsidePicks, Live, InsideLive, Hairpin, Masquerade, Restricted, Ranges, Addresses, Pods];

    /// <summary>The set as nft makes it. nft compares types by name, and numgen gives no mark: it takes the example of an expression instead.</summary>
    public static string Line(NftSet set)
    {
        string line = NftText.Line(set), type = $"type {set.Key}{(set.Data is null ? "" : $" : {set.Data}")};";
        if (!type.Contains("mark", StringComparison.Ordinal)) return line;
        string example = type.Replace("type ", "typeof ", StringComparison.Ordinal).Replace("ipv4_addr", "ip daddr", StringComparison.Ordinal).Replace("ipv6_addr", "ip6 daddr", StringComparison.Ordinal)
            .Replace("inet_proto", "meta l4proto", StringComparison.Ordinal).Replace("inet_service", "th dport", StringComparison.Ordinal).Replace("mark", "numgen random mod 2", StringComparison.Ordinal);
        return line.Replace(type, example, StringComparison.Ordinal);
    }

    private static NftType Key(NftType address, params ReadOnlySpan<NftType> more) => NftType.Concat([address, NftType.InetProto, NftType.InetService, .. more]);
}
