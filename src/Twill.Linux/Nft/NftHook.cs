using System.Collections.Immutable;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

public enum NftHookPoint
{
    Prerouting,
    Input,
    Forward,
    Output,
    Postrouting,
    Ingress,
    Egress,
}

/// <summary>Where a base chain meets packets. Like: type nat hook postrouting priority srcnat.</summary>
/// <param name="Type">"filter", "nat" or "route".</param>
/// <param name="Priority">Smaller is earlier; see <see cref="NftPriority"/>.</param>
public sealed record NftHook(string Type, NftHookPoint Point, int Priority)
{
    /// <summary>Interfaces of ingress and egress hooks; empty for others.</summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    public static NftHook Filter(NftHookPoint point, int priority = NftPriority.Filter) => new("filter", point, priority);

    public static NftHook Nat(NftHookPoint point) => new("nat", point, point is NftHookPoint.Postrouting or NftHookPoint.Input ? NftPriority.Srcnat : NftPriority.Dstnat);

    public bool Equals(NftHook? other)
        => other is not null && Type == other.Type && Point == other.Point && Priority == other.Priority && Devices.AsSpan().SequenceEqual(other.Devices.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Type, Point, Priority, Devices.Length);

    /// <summary>The hook's number, which differs by family for ingress.</summary>
    internal static uint Number(NftFamily family, NftHookPoint point) => point switch
    {
        NftHookPoint.Ingress when family == NftFamily.Netdev => NfnetlinkUapi.NF_NETDEV_INGRESS,
        NftHookPoint.Egress => NfnetlinkUapi.NF_NETDEV_EGRESS,
        _ => (uint)point,
    };

    internal static NftHookPoint PointOf(NftFamily family, uint number) => family == NftFamily.Netdev
        ? number == NfnetlinkUapi.NF_NETDEV_EGRESS ? NftHookPoint.Egress : NftHookPoint.Ingress
        : (NftHookPoint)number;

    /// <summary>As nft prints it, without the policy.</summary>
    public string ToText(NftFamily family)
    {
        string devices = Devices.Length switch
        {
            0 => "",
            1 => $" device \"{Devices[0]}\"",
            _ => $" devices = {{ {string.Join(", ", Devices.Select(d => $"\"{d}\""))} }}",
        };
        return $"type {Type} hook {Point.ToString().ToLowerInvariant()}{devices} priority {NftPriority.Format(family, Point, Priority)}";
    }
}

/// <summary>nft's names of hook priorities for inet, ip and ip6. Source: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities.</summary>
public static class NftPriority
{
    public const int Raw = -300, Mangle = -150, Dstnat = -100, Filter = 0, Security = 50, Srcnat = 100;

    // nft names a priority up to 10 away from a name: "filter - 5".
    private const int Reach = 10;

    internal static string Format(NftFamily family, NftHookPoint point, int priority)
    {
        ReadOnlySpan<(string Name, int Value)> names = family switch
        {
            NftFamily.Inet or NftFamily.Ip or NftFamily.Ip6 => [("raw", Raw), ("mangle", Mangle), ("dstnat", Dstnat), ("filter", Filter), ("security", Security), ("srcnat", Srcnat)],
            NftFamily.Bridge => [("dstnat", -300), ("filter", -200), ("out", 100), ("srcnat", 300)],
            _ => [("filter", Filter)],
        };
        foreach ((string name, int value) in names)
        {
            if (Math.Abs((long)priority - value) > Reach) continue;
            if (name == "dstnat" && point != NftHookPoint.Prerouting) continue;
            if (name == "srcnat" && point != NftHookPoint.Postrouting) continue;
            if (name == "out" && point != NftHookPoint.Output) continue;
            return priority == value ? name : $"{name} {(priority > value ? '+' : '-')} {Math.Abs(priority - value)}";
        }

        return priority.ToString();
    }
}
