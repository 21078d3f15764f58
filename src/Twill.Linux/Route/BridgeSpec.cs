using Twill.Linux.Netns;

namespace Twill.Linux.Route;

/// <summary>A bridge to be made. Null leaves the kernel's choice.</summary>
public readonly record struct BridgeSpec
{
    public required string Name { get; init; }

    /// <summary>Set it: a bridge without an address of its own changes address with its ports.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Does not last: with every port that comes or goes the kernel takes the smallest MTU of the ports (br_mtu_auto_adjust). Only one set
    /// after creation, by <see cref="LinkRequests.SetMtu"/>, is kept.</summary>
    public Mtu? Mtu { get; init; }

    public bool Up { get; init; }

    /// <summary>Where it is born; null: the socket's namespace.</summary>
    public NetworkNamespace? Namespace { get; init; }

    public uint? Group { get; init; }

    /// <summary>Spanning tree protocol.</summary>
    public bool? Stp { get; init; }

    /// <summary>How long a learned address lives, in hundredths of a second.</summary>
    public uint? AgeingTimeCs { get; init; }

    /// <summary>Hundredths of a second a new port listens before it forwards, with spanning tree.</summary>
    public uint? ForwardDelayCs { get; init; }

    public bool? VlanFiltering { get; init; }

    /// <summary>Bridged IPv4 packets pass the inet hooks of netfilter, on this bridge whatever the sysctl says.</summary>
    public bool? NfCallIptables { get; init; }

    /// <inheritdoc cref="NfCallIptables"/>
    public bool? NfCallIp6tables { get; init; }

    public bool? McastSnooping { get; init; }

    internal bool HasData => Stp is not null || AgeingTimeCs is not null || ForwardDelayCs is not null || VlanFiltering is not null
        || NfCallIptables is not null || NfCallIp6tables is not null || McastSnooping is not null;
}
