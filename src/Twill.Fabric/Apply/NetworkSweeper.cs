using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>GC: takes away what belongs to attachments of one network that are no longer valid.</summary>
public static class NetworkSweeper
{
    /// <summary>Above this many, stale links are put into one group and deleted together, for the price of one.</summary>
    private const int OneByOne = 2;

    /// <summary>Messages in one send: a socket's queue holds about 280 acknowledgements.</summary>
    private const int MaxBatch = 100;

    /// <summary>Group numbers for doomed links: "tw" and 16 bits.</summary>
    private const uint GroupBase = 0x74770000;

    /// <summary>Sweeps one network.</summary>
    /// <param name="valid">Who stays; an empty interface name stands for all of the container's. Everybody else of this network goes, except an ADD that is at work now.</param>
    /// <returns>How many host ends and ifb devices went.</returns>
    /// <remarks>One dump; linear in the number of links and of valid owners.</remarks>
    public static int Sweep(RouteSocket host, string network, IReadOnlyCollection<Owner> valid)
    {
        string tag = ClaimName.Tag(network);
        var keep = new HashSet<string>(valid.Count, StringComparer.Ordinal);
        var keepMacs = new HashSet<MacAddress>(valid.Count);
        foreach (Owner owner in valid)
        {
            keep.Add(owner.Key);
            keepMacs.Add(owner.HostMac);
        }

        List<Link> links = host.FindOurLinks(tag, out HashSet<uint> groups);
        List<Link> stale = HostEnd.OrphansOf(links);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        int reclaimed = 0;
        foreach (Link link in links)
        {
            // Five letters can stand for two networks: the alias has the whole name. An unfinished link may have no alias yet.
            if (link.Kind != "veth" || Identity.SaysNetwork(link.Alias, network) is false) continue;
            if (link.TryGetOwner(out string key))
            {
                // An entry without an interface name, "ID:", stands for every interface of the container. And an ADD that has just
                // been finished and has not yet told anybody is still at work.
                if (keep.Contains(key) || keep.Contains(key[..(key.LastIndexOf(':') + 1)]) || HostEnd.IsAtWork(Owner.HostMacOf(key))) continue;
                stale.Add(link);
                gone.Add(ClaimName.IfbOf(link.Name));
            }
            else if (link.Mac is { } mac && !keepMacs.Contains(mac) && HostEnd.TryReclaim(host, link))
            {
                reclaimed++;
            }
        }

        stale.AddRange(links.FindAll(l => l.Kind == "ifb" && gone.Contains(l.Name)));
        Remove(host, stale, groups);
        HostPortApply.Sweep(host);
        if (keep.Count == 0) Masquerade.Remove(network);
        return stale.Count + reclaimed;
    }

    private static void Remove(RouteSocket host, List<Link> stale, HashSet<uint> groups)
    {
        if (stale.Count <= OneByOne)
        {
            foreach (Link link in stale) host.RemoveLink(link.Index);
            return;
        }

        uint group = GroupBase;
        while (groups.Contains(group)) group++;
        foreach (Link[] some in stale.Chunk(MaxBatch))
        {
            NetlinkBatch batch = host.Netlink.NewBatch();
            foreach (Link link in some) LinkRequests.SetGroup(batch, link.Index, group);
            _ = host.Netlink.Execute(batch); // ENODEV: one of them has gone by itself
        }

        host.RemoveLinkGroup(group);
    }
}
