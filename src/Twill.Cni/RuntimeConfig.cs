namespace Twill.Cni;

/// <summary>runtimeConfig: what the runtime fills in for the capabilities that the configuration declared.</summary>
/// <remarks>Source: CONVENTIONS.md "Dynamic Plugin specific fields". A capability not declared never arrives; an unknown one is skipped.</remarks>
public sealed record RuntimeConfig
{
    public static RuntimeConfig Empty { get; } = new();

    /// <summary>ips: a wish, given or refused.</summary>
    public IReadOnlyList<RequestedIp> Ips { get; init; } = [];

    /// <summary>mac: lower case with colons.</summary>
    public string? Mac { get; init; }

    /// <summary>ipRanges: the outer list is AND (one address of each), the inner OR.</summary>
    public IReadOnlyList<IReadOnlyList<IpRange>> IpRanges { get; init; } = [];

    public Bandwidth? Bandwidth { get; init; }

    /// <summary>dns: servers, searches, options.</summary>
    public CniDns? Dns { get; init; }

    /// <summary>portMappings without those of host port 0.</summary>
    public IReadOnlyList<PortMapping> PortMappings { get; init; } = [];

    /// <summary>aliases: names for this pod in the network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>cgroupPath, relative to the mount of the cgroup file system.</summary>
    public string? CgroupPath { get; init; }

    public string? InfinibandGuid { get; init; }

    /// <summary>deviceID, e.g. a PCI address.</summary>
    public string? DeviceId { get; init; }

    internal static RuntimeConfig Read(ref JsonInput json)
    {
        var config = Empty;
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ips":
                    config = config with { Ips = ReadIps(ref json) };
                    break;
                case "mac":
                    config = config with { Mac = ReadMac(ref json) };
                    break;
                case "ipRanges":
                    config = config with { IpRanges = IpRange.ReadSets(ref json) };
                    break;
                case "bandwidth":
                    config = config with { Bandwidth = Bandwidth.Read(ref json) };
                    break;
                case "dns":
                    config = config with { Dns = CniDns.Read(ref json) };
                    break;
                case "portMappings":
                    config = config with { PortMappings = PortMapping.ReadList(ref json) };
                    break;
                case "aliases":
                    config = config with { Aliases = json.Strings() };
                    break;
                case "cgroupPath":
                    config = config with { CgroupPath = json.StringOrNull() };
                    break;
                case "infinibandGUID":
                    config = config with { InfinibandGuid = json.StringOrNull() };
                    break;
                case "deviceID":
                    config = config with { DeviceId = json.StringOrNull() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return config;
    }

    internal static List<RequestedIp> ReadIps(ref JsonInput json)
    {
        var list = new List<RequestedIp>();
        json.Array();
        while (json.NextItem())
        {
            list.Add(RequestedIp.TryParse(json.String(), out var ip)
                ? ip
                : throw json.Invalid("expected an IP address, with or without a prefix length, such as 10.1.2.3/24"));
        }

        return list;
    }

    internal static string? ReadMac(ref JsonInput json)
    {
        var text = json.String();
        if (text.Length == 0)
            return null;
        return MacText.TryNormalize(text, out var mac) ? mac : throw json.Invalid("expected the MAC address of one interface such as 0a:58:0a:f4:01:07");
    }
}
