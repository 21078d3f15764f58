using System.Text;

namespace Twill.Cni;

public sealed partial record NetworkConfig
{
    /// <summary>All ranges of a configuration together; overlaps are looked for pair by pair.</summary>
    public const int MaxRanges = 256;

    /// <summary>Wished addresses, from each of their sources.</summary>
    public const int MaxRequestedIps = 256;

    /// <summary>Most host ports of one pod: a port range as people publish it.</summary>
    public const int MaxPortMappings = 4096;

    private const int MaxVersionLength = 64;

    /// <summary>Reads and checks what the runtime wrote to stdin.</summary>
    /// <param name="utf8">The whole of it; it is copied. Its size is bounded by the caller.</param>
    /// <param name="verb">Any but VERSION, which reads no configuration.</param>
    /// <exception cref="CniException">
    /// Code 6: not one JSON object in UTF-8. Code 7: not valid, with field and value. Code 1: the version, or the verb in that version.
    /// Code 2: a field that we cannot honour, with key and value.
    /// </exception>
    public static NetworkConfig Read(ReadOnlySpan<byte> utf8, CniVerb verb)
    {
        var raw = utf8.ToArray();
        var tolerant = verb is CniVerb.Del or CniVerb.Gc;
        CniException? problem = null;
        string? version = null, name = null, type = null;
        Range? prevResult = null, runtimeConfig = null, args = null, ipam = null, dns = null, except = null, trunk = null, plugins = null;
        List<CniAttachment>? valid = null, validByOtherName = null;
        var bridge = BridgeConfig.Default;

        var json = new JsonInput(raw, "");
        json.Object();
        while (json.NextKey(out var key))
        {
            switch (key)
            {
                case "cniVersion":
                    version = json.String();
                    break;
                case "name":
                    name = json.String();
                    break;
                case "type":
                    type = json.String();
                    break;
                case "prevResult":
                    prevResult = json.Slice();
                    break;
                case "runtimeConfig":
                    runtimeConfig = json.Slice();
                    break;
                case "args":
                    args = json.Slice();
                    break;
                case "ipam":
                    ipam = json.Slice();
                    break;
                case "dns":
                    dns = json.Slice();
                    break;
                case "ipMasqExcept":
                    except = json.Slice();
                    break;
                case "vlanTrunk":
                    trunk = json.Slice();
                    break;
                case "plugins":
                    plugins = json.Slice();
                    break;
                case "cni.dev/valid-attachments" when verb == CniVerb.Gc:
                    valid = ReadAttachments(ref json);
                    break;
                case "cni.dev/attachments" when verb == CniVerb.Gc:
                    validByOtherName = ReadAttachments(ref json);
                    break;
                default:
                    try
                    {
                        bridge = bridge.With(key, ref json);
                    }
                    catch (CniException e) when (tolerant && e.Code != CniErrorCode.DecodingFailure)
                    {
                        // The value was refused before a step into it, so all of it is still to be skipped.
                        problem ??= e;
                        json.Skip();
                    }

                    break;
            }
        }

        json.End();

        var spec = SpecVersion.Parse(version);
        spec.Require(verb);
        if (name is null)
            throw Invalid($"name is missing{(plugins is null ? "" : "; this is a list, and a plugin is given its own entry of it")}");
        if (CniNames.IdentifierProblem(name) is { } nameProblem)
            throw Invalid($"name {CniException.Quote(name)} {nameProblem}");
        var config = new NetworkConfig
        {
            CniVersion = spec,
            Name = name,
            Type = type ?? "",
            Raw = raw,
            Bridge = bridge,
            ValidAttachments = Union(valid, validByOtherName),
            Problem = problem,
        };

        if (prevResult is { } p)
            config = config.WithPrevResult(p, throws: verb is CniVerb.Add or CniVerb.Check);
        else if (verb == CniVerb.Check)
            throw Invalid("prevResult is missing, and CHECK compares with it");

        // Each section by itself: what is wrong with one must not hide another from a DEL that delegates.
        return config
            .With(tolerant, ipam, static (c, part) => c with { Ipam = IpamConfig.Read(part) })
            .With(tolerant, runtimeConfig, static (c, part) =>
            {
                var json = new JsonInput(part, "runtimeConfig");
                return c with { RuntimeConfig = RuntimeConfig.Read(ref json) };
            })
            .With(tolerant, args, static (c, part) =>
            {
                var json = new JsonInput(part, "args");
                return c with { Args = CniConfigArgs.Read(ref json) };
            })
            .With(tolerant, dns, static (c, part) =>
            {
                var json = new JsonInput(part, "dns");
                return c with { Dns = CniDns.Read(ref json) };
            })
            .With(tolerant, except, static (c, part) =>
            {
                var json = new JsonInput(part, "ipMasqExcept");
                return c with { Bridge = c.Bridge with { IpMasqExcept = json.NetworkCidrs() } };
            })
            .With(tolerant, trunk, static (c, part) => RefuseTrunk(c, part))
            .With(tolerant, .., static (c, _) => c.Checked());
    }

    /// <summary>The request's cniVersion as it is written, for the error object; our newest when the text does not tell. Throws nothing.</summary>
    public static string PeekVersion(ReadOnlySpan<byte> utf8)
    {
        string? version = null;
        try
        {
            var json = new JsonInput(utf8, "");
            json.Object();
            while (json.NextKey(out var key))
            {
                if (key == "cniVersion" && json.IsString)
                    version = json.String();
                else
                    json.Skip();
            }
        }
        catch (CniException)
        {
            // What was seen before the text broke off is better than nothing.
        }

        return version is { Length: > 0 and <= MaxVersionLength } ? version : SpecVersion.Newest.Text;
    }

    private delegate NetworkConfig Section(NetworkConfig config, ReadOnlySpan<byte> part);

    private NetworkConfig With(bool tolerant, Range? part, Section read)
    {
        if (part is not { } present)
            return this;
        try
        {
            return read(this, Raw.Span[present]);
        }
        catch (CniException e) when (tolerant)
        {
            return this with { Problem = Problem ?? e };
        }
    }

    private NetworkConfig WithPrevResult(Range part, bool throws)
    {
        var raw = Raw[part];
        try
        {
            return this with { PrevResultRaw = raw, PrevResult = CniResult.Parse(raw.Span, CniVersion, "prevResult") };
        }
        catch (CniException e) when (!throws)
        {
            return this with { PrevResultRaw = raw, PrevResultProblem = e };
        }
    }

    private static NetworkConfig RefuseTrunk(NetworkConfig config, ReadOnlySpan<byte> part)
    {
        var json = new JsonInput(part, "vlanTrunk");
        json.Array();
        return json.NextItem()
            ? throw CniException.Unsupported("vlanTrunk", Encoding.UTF8.GetString(part), "VLANs on the bridge are not supported; use a network of its own for each")
            : config;
    }

    /// <summary>What no field can say alone: fields against each other, and the ranges of all sources joined.</summary>
    private NetworkConfig Checked()
    {
        if (Type.Length == 0)
            throw Invalid("type is missing");
        if (Bridge.HairpinMode && Bridge.PromiscMode)
            throw Invalid("hairpinMode true and promiscMode true exclude each other");
        if (Bridge.DisableContainerInterface && (Ipam.Type is not null || Ipam.Ranges.Count > 0))
            throw Invalid("disableContainerInterface true and ipam exclude each other: the interface would have no use for an address");
        if (RuntimeConfig.PortMappings.Count > MaxPortMappings)
            throw Invalid($"runtimeConfig.portMappings has {RuntimeConfig.PortMappings.Count} ports, more than {MaxPortMappings}: they are written in one transaction");
        if (RuntimeConfig.Ips.Count > MaxRequestedIps || Args.Ips.Count > MaxRequestedIps)
            throw Invalid($"ips has more than {MaxRequestedIps} addresses");
        return this with
        {
            Bridge = Bridge with { IsGateway = Bridge.IsGateway || Bridge.IsDefaultGateway },
            RangeSets = JoinRanges(RuntimeConfig.IpRanges, Ipam.Ranges, CniVersion),
        };
    }

    private static List<IReadOnlyList<IpRange>> JoinRanges(IReadOnlyList<IReadOnlyList<IpRange>> first, IReadOnlyList<IReadOnlyList<IpRange>> second, SpecVersion version)
    {
        var sets = new List<IReadOnlyList<IpRange>>(first.Count + second.Count);
        sets.AddRange(first);
        sets.AddRange(second);
        var all = new List<IpRange>();
        int ipv4 = 0, ipv6 = 0;
        foreach (var set in sets)
        {
            _ = set[0].Subnet.IsIPv4 ? ipv4++ : ipv6++;
            foreach (var range in set)
            {
                if (range.Subnet.IsIPv4 != set[0].Subnet.IsIPv4)
                    throw Invalid($"ipam.ranges: one set holds {set[0]} and {range}, of two families; give each family a set of its own");
                if (all.Count == MaxRanges)
                    throw Invalid($"ipam.ranges: more than {MaxRanges} ranges");
                foreach (var other in all)
                {
                    if (range.Overlaps(other))
                        throw Invalid($"ipam.ranges: {other} and {range} overlap");
                }

                all.Add(range);
            }
        }

        return version.ResultForm == ResultForm.Ip4Ip6 && (ipv4 > 1 || ipv6 > 1)
            ? throw Invalid($"ipam.ranges: cniVersion {version} carries one address of each family; use 0.3.0 or newer")
            : sets;
    }

    private static List<CniAttachment> ReadAttachments(ref JsonInput json)
    {
        var list = new List<CniAttachment>();
        json.Array();
        while (json.NextItem())
        {
            string container = "", ifName = "";
            json.Object();
            while (json.NextKey(out var key))
            {
                if (key == "containerID")
                    container = json.String();
                else if (key == "ifname")
                    ifName = json.String();
                else
                    json.Skip();
            }

            // Whom we cannot name we cannot keep: better no GC at all.
            list.Add(container.Length > 0 ? new CniAttachment(container, ifName) : throw json.Invalid("containerID is missing"));
        }

        return list;
    }

    private static IReadOnlyList<CniAttachment>? Union(List<CniAttachment>? first, List<CniAttachment>? second)
    {
        if (first is null || second is null)
            return first ?? second;
        var known = new HashSet<CniAttachment>(first);
        foreach (var attachment in second)
        {
            if (known.Add(attachment))
                first.Add(attachment);
        }

        return first;
    }

    private static CniException Invalid(string what) => new(CniErrorCode.InvalidConfig, $"invalid network configuration: {what}");
}
