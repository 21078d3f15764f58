namespace Twill.Cni;

/// <summary>The configuration of one plugin, as the runtime writes it to stdin.</summary>
/// <remarks>
/// Key names are matched with their case (Go's encoding/json would also take "IPMASQ"). Of a repeated key the last wins; null counts
/// as absent. Keys we do not know are skipped, and so is everything else under cni.dev/.
/// <para>
/// DEL and GC free what the kernel says is there, whatever the configuration says now. So for them only who asks (cniVersion, name) and,
/// for GC, what is valid, must be right; anything else wrong is kept in <see cref="Problem"/> and that part has its defaults.
/// </para>
/// Source: CNI SPEC.md 1.1.0, section 1 "Plugin configuration objects", and CONVENTIONS.md.
/// </remarks>
public sealed partial record NetworkConfig
{
    public required SpecVersion CniVersion { get; init; }

    public required string Name { get; init; }

    /// <summary>The plugin's name as the configuration has it; empty only where DEL or GC came without.</summary>
    public string Type { get; init; } = "";

    /// <summary>The complete document, for a delegated plugin.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Null when absent, or when it could not be read and <see cref="PrevResultProblem"/> says why.</summary>
    public CniResult? PrevResult { get; init; }

    /// <summary>prevResult as it came; empty when absent.</summary>
    public ReadOnlyMemory<byte> PrevResultRaw { get; init; }

    /// <summary>Why prevResult could not be read, on DEL, GC and STATUS; on ADD and CHECK that is thrown.</summary>
    public CniException? PrevResultProblem { get; init; }

    public BridgeConfig Bridge { get; init; } = BridgeConfig.Default;

    public IpamConfig Ipam { get; init; } = IpamConfig.None;

    public RuntimeConfig RuntimeConfig { get; init; } = RuntimeConfig.Empty;

    public CniConfigArgs Args { get; init; } = CniConfigArgs.Empty;

    /// <summary>dns of the configuration; null when absent. Present, even empty, it replaces what IPAM said, as in the reference bridge.</summary>
    public CniDns? Dns { get; init; }

    /// <summary>
    /// What GC must keep, the union of both keys that libcni sends. Null: no key, and then GC does nothing. Empty: nothing is valid.
    /// </summary>
    public IReadOnlyList<CniAttachment>? ValidAttachments { get; init; }

    /// <summary>
    /// One address is wanted of each set: runtimeConfig.ipRanges first, then the ipam section's, as in host-local. Checked: one family
    /// in each set, no overlap anywhere.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<IpRange>> RangeSets { get; init; } = [];

    /// <summary>The first thing wrong with our own fields, on DEL and GC; for the log.</summary>
    public CniException? Problem { get; init; }

    /// <summary>The addresses wished for: runtimeConfig.ips and args.cni.ips together, else CNI_ARGS' IP. No address twice.</summary>
    /// <remarks>args.cni overrides CNI_ARGS (CONVENTIONS.md); host-local joins all three.</remarks>
    public IReadOnlyList<RequestedIp> RequestedIps(CniArgs args)
    {
        var list = new List<RequestedIp>();
        Join(list, RuntimeConfig.Ips);
        Join(list, Args.Ips.Count > 0 ? Args.Ips : args.Ips);
        return list;
    }

    /// <summary>The MAC address wished for: runtimeConfig, else args.cni, else CNI_ARGS; lower case with colons.</summary>
    public string? RequestedMac(CniArgs args) => RuntimeConfig.Mac ?? Args.Mac ?? args.Mac;

    private static void Join(List<RequestedIp> list, IReadOnlyList<RequestedIp> more)
    {
        foreach (var ip in more)
        {
            if (!list.Exists(known => known.Address.Equals(ip.Address)))
                list.Add(ip);
        }
    }
}
