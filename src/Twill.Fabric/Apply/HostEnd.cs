using Twill.Fabric.Model;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>Host ends whose ADD was never finished.</summary>
internal static class HostEnd
{
    /// <summary>Whether an ADD of this owner is at work now.</summary>
    internal static bool IsAtWork(MacAddress hostMac)
    {
        using Descriptor? mark = LiveMark.TryHold(Owner.LiveMarkNameOf(hostMac));
        return mark is null;
    }

    /// <summary>The ifb devices among these links whose host end is not.</summary>
    internal static List<Link> OrphansOf(List<Link> links)
    {
        var names = new HashSet<string>(links.ConvertAll(l => l.Name), StringComparer.Ordinal);
        return links.FindAll(l => l.Kind == "ifb" && !names.Contains(ClaimName.HostOf(l.Name)));
    }

    /// <summary>Deletes the host end of an ADD that died before its end; leaves one alone whose ADD is still at work.</summary>
    /// <returns>Whether it is gone now.</returns>
    /// <remarks>"At work" is a name in the kernel that the ADD's process holds while it lives (<see cref="LiveMark"/>), no time limit.</remarks>
    /// <param name="self">Whose ADD asks and holds its own mark: what carries its hardware address is left from an earlier run.</param>
    internal static bool TryReclaim(RouteSocket host, Link link, Owner? self = null)
    {
        if (link.TryGetOwner(out _) || link.Mac is not { } mac) return false;
        bool own = self is { } owner && mac == owner.HostMac;
        using Descriptor? mark = own ? null : LiveMark.TryHold(Owner.LiveMarkNameOf(mac));
        if (!own && mark is null) return false;

        // It may have been finished, or deleted and its index given to another, between our look and the mark.
        Link? now = host.FindLink(link.Index);
        if (now is null) return true;
        if (now.Name != link.Name || now.Mac != link.Mac || now.TryGetOwner(out _)) return false;
        PodDetacher.Undo(host, link.Index, link.Name, mac);
        return true;
    }
}
