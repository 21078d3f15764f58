namespace Twill.Cni;

/// <summary>The keys of the reference bridge plugin, and ipMasqExcept and gsoMaxSize of our own. Key names are those of the JSON.</summary>
/// <remarks>
/// vlan other than 0 and vlanTrunk are refused with code 2; whether the rest can be honoured is for the caller to say.
/// Source: the reference bridge plugin, plugins/main/bridge/bridge.go.
/// </remarks>
public sealed record BridgeConfig
{
    /// <summary>Bytes; below it the kernel refuses IPv4.</summary>
    public const int MinMtu = 68;

    /// <summary>Bytes; ETH_MAX_MTU, the most a veth takes.</summary>
    public const int MaxMtu = 65535;

    /// <summary>Bytes; less is refused by the kernel, or gains nothing.</summary>
    public const int MinGso = 2048;

    /// <summary>Bytes; GSO_MAX_SIZE.</summary>
    public const int MaxGso = 524280;

    public static BridgeConfig Default { get; } = new();

    /// <summary>bridge: null leaves the name to the caller.</summary>
    public string? Name { get; init; }

    /// <summary>The bridge has the gateway's address. isDefaultGateway implies it.</summary>
    public bool IsGateway { get; init; }

    /// <summary>Pods get a default route to the gateway.</summary>
    public bool IsDefaultGateway { get; init; }

    /// <summary>Replace another address of the bridge rather than fail.</summary>
    public bool ForceAddress { get; init; }

    public bool IpMasq { get; init; }

    /// <summary>Accepted and ignored: ours is nftables.</summary>
    public string? IpMasqBackend { get; init; }

    /// <summary>Destinations never masqueraded; a key of ours.</summary>
    public IReadOnlyList<IpCidr> IpMasqExcept { get; init; } = [];

    /// <summary>Bytes; null, also for 0, leaves it to the caller.</summary>
    public int? Mtu { get; init; }

    /// <summary>gsoMaxSize, bytes: a key of ours. Null, also for 0, leaves it to the kernel.</summary>
    public int? GsoMaxSize { get; init; }

    public bool HairpinMode { get; init; }

    public bool PromiscMode { get; init; }

    /// <summary>Means nothing without vlan, which we refuse.</summary>
    public bool PreserveDefaultVlan { get; init; } = true;

    public bool MacSpoofCheck { get; init; }

    public bool EnableDad { get; init; }

    /// <summary>The pod's end stays down and has no address.</summary>
    public bool DisableContainerInterface { get; init; }

    public bool PortIsolation { get; init; }

    /// <summary>Reads one key, if it is one of these; the reader stands on a scalar, or skips.</summary>
    internal BridgeConfig With(string key, ref JsonInput json)
    {
        switch (key)
        {
            case "bridge":
                var name = json.StringOrNull();
                return name is null || CniNames.IfNameProblem(name, toCreate: true) is not { } problem ? this with { Name = name } : throw json.Invalid(problem);
            case "isGateway":
                return this with { IsGateway = json.Bool() };
            case "isDefaultGateway":
                return this with { IsDefaultGateway = json.Bool() };
            case "forceAddress":
                return this with { ForceAddress = json.Bool() };
            case "ipMasq":
                return this with { IpMasq = json.Bool() };
            case "ipMasqBackend":
                return this with { IpMasqBackend = json.StringOrNull() };
            case "mtu":
                var mtu = json.Int32(0, MaxMtu);
                return mtu is 0 or >= MinMtu ? this with { Mtu = mtu == 0 ? null : mtu } : throw json.Invalid($"expected 0 or at least {MinMtu} bytes");
            case "gsoMaxSize":
                var gso = json.Int32(0, MaxGso);
                return gso is 0 or >= MinGso ? this with { GsoMaxSize = gso == 0 ? null : gso } : throw json.Invalid($"expected 0 or {MinGso} to {MaxGso} bytes");
            case "hairpinMode":
                return this with { HairpinMode = json.Bool() };
            case "promiscMode":
                return this with { PromiscMode = json.Bool() };
            case "vlan":
                var vlan = json.Int32(0, 4094);
                return vlan == 0 ? this : throw CniException.Unsupported(key, $"{vlan}", "VLANs on the bridge are not supported; use a network of its own for each");
            case "preserveDefaultVlan":
                return this with { PreserveDefaultVlan = json.Bool() };
            case "macspoofchk":
                return this with { MacSpoofCheck = json.Bool() };
            case "enabledad":
                return this with { EnableDad = json.Bool() };
            case "disableContainerInterface":
                return this with { DisableContainerInterface = json.Bool() };
            case "portIsolation":
                return this with { PortIsolation = json.Bool() };
            default:
                json.Skip();
                return this;
        }
    }
}
