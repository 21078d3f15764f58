using System.Net;

namespace Twill.Cni;

/// <summary>CNI_ARGS, read: K=V;K2=V2.</summary>
/// <remarks>
/// Keys are matched exactly, as libcni's field names are. A pair has exactly one '='. A key we do not know is an error unless
/// IgnoreUnknown is 1 or true, wherever in the text it stands. Of a repeated key the last wins.
/// Source: libcni pkg/types/args.go; CONVENTIONS.md "CNI_ARGS"; IP and GATEWAY as lists: the static plugin.
/// </remarks>
public sealed record CniArgs
{
    /// <summary>No arguments.</summary>
    public static CniArgs None { get; } = new();

    /// <summary>The text as it came.</summary>
    public string Raw { get; init; } = "";

    public bool IgnoreUnknown { get; init; }

    /// <summary>IP: the addresses wished for, comma-separated, with or without a prefix length.</summary>
    public IReadOnlyList<RequestedIp> Ips { get; init; } = [];

    /// <summary>MAC: lower case with colons.</summary>
    public string? Mac { get; init; }

    /// <summary>GATEWAY: comma-separated.</summary>
    public IReadOnlyList<IPAddress> Gateways { get; init; } = [];

    public string? PodNamespace { get; init; }

    public string? PodName { get; init; }

    public string? PodUid { get; init; }

    /// <summary>K8S_POD_INFRA_CONTAINER_ID: the sandbox, the same as CNI_CONTAINERID.</summary>
    public string? PodInfraContainerId { get; init; }

    /// <exception cref="CniException">Code 4, naming CNI_ARGS and the pair.</exception>
    public static CniArgs Parse(string text)
    {
        if (text.Length == 0)
            return None;
        var args = new CniArgs { Raw = text };
        var unknown = "";
        var rest = text.AsSpan();
        while (true)
        {
            var end = rest.IndexOf(';');
            var pair = end < 0 ? rest : rest[..end];
            var equals = pair.IndexOf('=');
            if (equals < 0 || pair[(equals + 1)..].Contains('='))
                throw Bad(pair, "is not KEY=VALUE");
            var value = pair[(equals + 1)..];
            switch (pair[..equals])
            {
                case "IgnoreUnknown":
                    args = args with { IgnoreUnknown = Flag(pair, value) };
                    break;
                case "IP":
                    args = args with { Ips = IpList(pair, value) };
                    break;
                case "MAC":
                    args = args with { Mac = value.Length == 0 ? null : MacText.TryNormalize(value, out var mac) ? mac : throw Bad(pair, "is not a usable MAC address") };
                    break;
                case "GATEWAY":
                    args = args with { Gateways = GatewayList(pair, value) };
                    break;
                case "K8S_POD_NAMESPACE":
                    args = args with { PodNamespace = value.ToString() };
                    break;
                case "K8S_POD_NAME":
                    args = args with { PodName = value.ToString() };
                    break;
                case "K8S_POD_UID":
                    args = args with { PodUid = value.ToString() };
                    break;
                case "K8S_POD_INFRA_CONTAINER_ID":
                    args = args with { PodInfraContainerId = value.ToString() };
                    break;
                default:
                    if (unknown.Length == 0)
                        unknown = pair.ToString();
                    break;
            }

            if (end < 0)
                break;
            rest = rest[(end + 1)..];
        }

        return unknown.Length == 0 || args.IgnoreUnknown
            ? args
            : throw Bad(unknown, "has a key we do not know; IgnoreUnknown=1 would let it pass");
    }

    private static bool Flag(ReadOnlySpan<char> pair, ReadOnlySpan<char> value)
    {
        if (value is "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase))
            return true;
        if (value is "0" || value.Equals("false", StringComparison.OrdinalIgnoreCase))
            return false;
        throw Bad(pair, "is neither 1, true, 0 nor false");
    }

    private static List<RequestedIp> IpList(ReadOnlySpan<char> pair, ReadOnlySpan<char> value)
    {
        var list = new List<RequestedIp>();
        while (value.Length > 0)
        {
            var item = NextOf(ref value);
            list.Add(RequestedIp.TryParse(item, out var ip) ? ip : throw Bad(pair, "is not a list of addresses"));
        }

        return list;
    }

    private static List<IPAddress> GatewayList(ReadOnlySpan<char> pair, ReadOnlySpan<char> value)
    {
        var list = new List<IPAddress>();
        while (value.Length > 0)
        {
            var item = NextOf(ref value);
            list.Add(IpCidr.TryParseAddress(item, out var ip) ? ip : throw Bad(pair, "is not a list of addresses"));
        }

        return list;
    }

    private static ReadOnlySpan<char> NextOf(ref ReadOnlySpan<char> list)
    {
        var comma = list.IndexOf(',');
        var item = comma < 0 ? list : list[..comma];
        // A comma at the end leaves an empty item, which is no address.
        list = comma < 0 ? [] : comma == list.Length - 1 ? "," : list[(comma + 1)..];
        return item;
    }

    private static CniException Bad(ReadOnlySpan<char> pair, string why) =>
        new(CniErrorCode.InvalidEnvironment, $"invalid environment: CNI_ARGS: {CniException.Quote(pair.ToString())} {why}");
}
