using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>What the kernel's maps hold.</summary>
/// <param name="Targets">Pods' addresses that something may still be translated to, with their holders: written with a pod's first port, and removed after its flows are forgotten.</param>
internal sealed record HostPortState(IReadOnlyList<HostPortEntry> Entries, IReadOnlyList<HostPortTarget> Targets)
{
    internal static HostPortState Read(NftSocket nft)
    {
        if (nft.Table(NftFamily.Inet, HostPortTable.Table.Name) is null) return new HostPortState([], []);
        var entries = new List<HostPortEntry>();
        foreach (NftSet map in HostPortTable.Maps)
        {
            foreach (NftElement element in nft.Elements(map)) entries.Add(HostPortEntry.Read(map, element));
        }

        return new HostPortState(entries, [.. ReadTargets(nft, false), .. ReadTargets(nft, true)]);
    }

    internal static List<HostPortTarget> ReadTargets(NftSocket nft, bool v6)
    {
        var targets = new List<HostPortTarget>();
        foreach (NftElement element in nft.Elements(HostPortTable.Self(v6))) targets.Add(new HostPortTarget(IpAddress.Read(element.Key.Span[..(v6 ? 16 : 4)]), HostPortHolder.Parse(element.Comment)));
        return targets;
    }
}

/// <summary>An address of a pod with host ports.</summary>
internal sealed record HostPortTarget(IpAddress Address, HostPortHolder? Holder)
{
    internal NftSet Set => HostPortTable.Self(Address.IsV6);

    internal NftElement Element => NftElement.Of(NftBytes.Of(Address), NftBytes.Of(Address)) with { Comment = Holder?.Comment };
}
