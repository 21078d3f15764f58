namespace Twill.Bench;

/// <summary>One configuration: what both sides do for a pod, and which plugins the reference needs for it.</summary>
/// <param name="Key">The name on the command line.</param>
/// <param name="Title">A few words for a chart.</param>
/// <param name="Same">The functions that both sides have on.</param>
/// <param name="Different">What one side does and the other does not; empty where there is nothing.</param>
/// <param name="Chain">The reference's plugins after bridge, in order.</param>
/// <param name="AddAim">Twill's ADD by the peer's, at most; null where no aim is set.</param>
/// <param name="DelAim">Twill's DEL by the peer's, at most.</param>
public sealed record Scenario(string Key, string Title, string Same, string Different, IReadOnlyList<string> Chain, double? AddAim, double? DelAim)
{
    /// <summary>Aims are of November 2026, reference/performance.md; rows without one have none set.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("plain", "bridge", "bridge with the gateway's address, veth pair, IPv4 address and default route in the pod", "", [], 1.0 / 4, 1.0 / 2),
        new("ipmasq", "bridge + masquerading", "as plain; what leaves the network is masqueraded", "", [], 1.0 / 10, null) { IpMasq = true },
        new("bandwidth", "bridge + bandwidth", "as plain; rate and burst limited in both directions", "", ["bandwidth"], null, null) { Bandwidth = true },
        new("chain", "the usual chain", "as plain; masquerading; rate and burst limited in both directions: same functions for a pod without host ports",
            "the reference also runs portmap, given no mapping, and firewall, whose rules accept the pod's traffic in a FORWARD chain that drops; Twill does neither here",
            ["portmap", "bandwidth", "firewall"], 1.0 / 20, 1.0 / 6) { IpMasq = true, Bandwidth = true },
        new("dual", "bridge, dual-stack", "as plain; an IPv6 address and default route as well", "", [], null, null) { DualStack = true },
    ];

    public bool IpMasq { get; init; }

    public bool Bandwidth { get; init; }

    public bool DualStack { get; init; }

    public IReadOnlyList<string> ReferencePlugins => ["bridge", "host-local", .. Chain];
}
