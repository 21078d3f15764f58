using System.Net;

namespace Twill.Cni;

/// <summary>The ipam section: host-local's keys, and exclude of our own. Of another plugin's section only the type is read.</summary>
/// <remarks>Source: the reference host-local plugin, README.md and backend/allocator/config.go.</remarks>
public sealed record IpamConfig
{
    /// <summary>No ipam section: an attachment without addresses.</summary>
    public static IpamConfig None { get; } = new();

    /// <summary>The plugin that gives out addresses; null when the section names none.</summary>
    public string? Type { get; init; }

    /// <summary>Is the section ours to read? So it is for twill, twill-ipam, host-local and for no type at all.</summary>
    public bool IsOurs => Type is null or "twill" or "twill-ipam" or "host-local";

    /// <summary>Outer list: one address of each set. Inner: any range of the set. The old form's single subnet is the first set.</summary>
    public IReadOnlyList<IReadOnlyList<IpRange>> Ranges { get; init; } = [];

    public IReadOnlyList<CniRoute> Routes { get; init; } = [];

    /// <summary>Never given out, from no range.</summary>
    public IReadOnlyList<IpCidr> Exclude { get; init; } = [];

    /// <summary>Accepted for host-local's sake; there is no lease file.</summary>
    public string? DataDir { get; init; }

    /// <summary>Path of a resolv.conf whose contents become the result's dns.</summary>
    public string? ResolvConf { get; init; }

    internal static IpamConfig Read(ReadOnlySpan<byte> utf8)
    {
        var config = None with { Type = ReadType(utf8) };
        if (!config.IsOurs)
            return config;
        IpCidr? subnet = null;
        IPAddress? start = null, end = null, gateway = null;
        var json = new JsonInput(utf8, "ipam");
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ranges":
                    config = config with { Ranges = IpRange.ReadSets(ref json) };
                    break;
                case "subnet":
                    subnet = json.NetworkCidr();
                    break;
                case "rangeStart":
                    start = json.AddressOrNull();
                    break;
                case "rangeEnd":
                    end = json.AddressOrNull();
                    break;
                case "gateway":
                    gateway = json.AddressOrNull();
                    break;
                case "exclude":
                    config = config with { Exclude = json.NetworkCidrs(orAddresses: true) };
                    break;
                case "routes":
                    config = config with { Routes = ReadRoutes(ref json) };
                    break;
                case "dataDir":
                    config = config with { DataDir = json.StringOrNull() };
                    break;
                case "resolvConf":
                    config = config with { ResolvConf = json.StringOrNull() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        // host-local drops rangeStart, rangeEnd and gateway in silence when there is no subnet beside them.
        return subnet is null && start is null && end is null && gateway is null
            ? config
            : config with { Ranges = [[IpRange.Make(ref json, subnet, start, end, gateway, [])], .. config.Ranges] };
    }

    private static string? ReadType(ReadOnlySpan<byte> utf8)
    {
        string? type = null;
        var json = new JsonInput(utf8, "ipam");
        json.Object();
        while (json.NextKey(out var key))
        {
            if (key == "type")
                type = json.StringOrNull();
            else
                json.Skip();
        }

        return type;
    }

    private static List<CniRoute> ReadRoutes(ref JsonInput json)
    {
        var routes = new List<CniRoute>();
        json.Array();
        while (json.NextItem())
        {
            var route = CniRoute.Read(ref json);
            if (route.Dst.HasHostBits)
                throw json.Invalid($"dst {route.Dst} has host bits set; the network is {route.Dst.Network}");
            if (route.Gw is { } gw && gw.AddressFamily != route.Dst.Address.AddressFamily)
                throw json.Invalid($"dst {route.Dst} and gw {gw} are of two families");
            routes.Add(route);
        }

        return routes;
    }
}
