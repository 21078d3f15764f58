using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Compile;

/// <summary>The sets and maps of one family.</summary>
public sealed class ServiceSets
{
    internal ServiceSets(NftTable table, bool v6)
    {
        V6 = v6;
        NftType address = v6 ? NftType.Ipv6Addr : NftType.Ipv4Addr;
        NftType frontend = Key(address), backend = NftType.Concat(address, NftType.InetService);
        NftExample host = v6 ? NftExample.Ip6Daddr : NftExample.IpDaddr, end = NftExample.Concat(host, NftExample.ThDport);
        NftExample indexed = NftExample.Concat(host, NftExample.MetaL4Proto, NftExample.ThDport, NftExample.Number);
        NftExample client = v6 ? NftExample.Concat(NftExample.Number, NftExample.Number) : NftExample.Concat(host, NftExample.MetaL4Proto, NftExample.ThDport, host);
        NftSet Make(string name, NftType key, NftType? data = null) => new(table, $"{name}{(v6 ? "6" : "4")}", key) { Data = data };
        NftSet Like(string name, NftExample key, NftExample data) => Make(name, key.Type, data.Type) with { KeyExample = key, DataExample = data };
        Services = Make("services", frontend, NftType.Verdict) with { Counter = true };
        Inside = Make("inside", frontend, NftType.Verdict) with { Counter = true };
        Endpoints = Like("endpoints", indexed, end);
        InsideEndpoints = Like("inside-endpoints", indexed, end);
        Picks = Like("picks", indexed, NftExample.MetaPriority);
        InsidePicks = Like("inside-picks", indexed, NftExample.MetaPriority);
        Live = Make("live", Key(address, NftType.ClassId), backend);
        InsideLive = Make("inside-live", Key(address, NftType.ClassId), backend);
        Affinity = Like("affinity", client, NftExample.MetaPriority) with { Dynamic = true, Timeout = true, Size = MaxClients };
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

    /// <summary>Frontend and client to number; written by packets. See <see cref="ServiceTable.Client"/>.</summary>
    public NftSet Affinity { get; }

    /// <summary>Each endpoint of this node, twice: a pod that reaches itself.</summary>
    public NftSet Hairpin { get; }

    /// <summary>Frontends whose answers must come back through this node; asked when a connection leaves it.</summary>
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

    private static NftType Key(NftType address, params ReadOnlySpan<NftType> more) => NftType.Concat([address, NftType.InetProto, NftType.InetService, .. more]);
}
