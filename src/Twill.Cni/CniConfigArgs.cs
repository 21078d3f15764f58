namespace Twill.Cni;

/// <summary>args.cni of the configuration: the same wishes as CNI_ARGS, and overriding them.</summary>
/// <remarks>Source: CONVENTIONS.md, "args in network config". Everything else below args is others' and skipped.</remarks>
public sealed record CniConfigArgs
{
    public static CniConfigArgs Empty { get; } = new();

    public IReadOnlyList<RequestedIp> Ips { get; init; } = [];

    /// <summary>Lower case with colons.</summary>
    public string? Mac { get; init; }

    /// <summary>In the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    internal static CniConfigArgs Read(ref JsonInput json)
    {
        var args = Empty;
        json.Object();
        while (json.NextKey(out var key))
        {
            if (key == "cni")
                args = ReadCni(ref json);
            else
                json.Skip();
        }

        return args;
    }

    private static CniConfigArgs ReadCni(ref JsonInput json)
    {
        var args = Empty;
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "ips":
                    args = args with { Ips = RuntimeConfig.ReadIps(ref json) };
                    break;
                case "mac":
                    args = args with { Mac = RuntimeConfig.ReadMac(ref json) };
                    break;
                case "labels":
                    args = args with { Labels = ReadLabels(ref json) };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return args;
    }

    private static List<KeyValuePair<string, string>> ReadLabels(ref JsonInput json)
    {
        var list = new List<KeyValuePair<string, string>>();
        json.Array();
        while (json.NextItem())
        {
            string name = "", value = "";
            json.Object();
            while (json.NextKey(out var key))
            {
                if (key == "key")
                    name = json.String();
                else if (key == "value")
                    value = json.String();
                else
                    json.Skip();
            }

            list.Add(name.Length > 0 ? new(name, value) : throw json.Invalid("key is missing"));
        }

        return list;
    }
}
