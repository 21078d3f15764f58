using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

/// <summary>Whose addresses and blocks are where: prefixes of which none overlaps another, in the order of their addresses.</summary>
/// <remarks>
/// Two levels of sorted arrays: a look-up halves twice, a change moves a part of one page. One array alone took 80 ms for 5,000 nodes, most of
/// it to move its end; nodes that come in the order of their addresses fill page after page and move nothing.
/// </remarks>
internal sealed class PlacedPrefixes
{
    /// <summary>Entries of a page; of 32 to 512 nothing was faster by more than a tenth.</summary>
    private const int PageSize = 128;

    private readonly List<List<Placed>> _pages = [];

    /// <param name="Prefix">Without host bits; of an address its full length.</param>
    /// <param name="IsAddress">The node's own address, not a block of its pods.</param>
    internal readonly record struct Placed(IpPrefix Prefix, ClusterNode Node, bool IsAddress);

    internal int Count { get; private set; }

    /// <summary>The first one, by address, that shares an address with this.</summary>
    internal Placed? Overlapping(IpPrefix prefix)
    {
        if (Count == 0) return null;
        int page = PageOf(prefix.First);
        int at = IndexIn(_pages[page], prefix.First);

        // One that begins before may reach in; only the nearest can, as they do not overlap.
        if (at > 0 && _pages[page][at - 1].Prefix.Contains(prefix.First)) return _pages[page][at - 1];
        if (at == _pages[page].Count)
        {
            if (++page == _pages.Count) return null;
            at = 0;
        }

        return prefix.Contains(_pages[page][at].Prefix.First) ? _pages[page][at] : null;
    }

    /// <summary>Exactly this block; null if there is none.</summary>
    internal ClusterNode? BlockAt(IpPrefix block) => Overlapping(block) is { IsAddress: false } there && there.Prefix == block ? there.Node : null;

    internal ClusterNode? AddressAt(IpAddress address) => Overlapping(new IpPrefix(address, address.Bits)) is { IsAddress: true } there ? there.Node : null;

    /// <summary>Adds what overlaps nothing that is there; the very same prefix of the same node again is fine.</summary>
    internal void Add(Placed placed)
    {
        if (_pages.Count == 0) _pages.Add([]);
        int page = PageOf(placed.Prefix.First);
        List<Placed> entries = _pages[page];
        int at = IndexIn(entries, placed.Prefix.First);
        if (at < entries.Count && entries[at].Prefix == placed.Prefix) return;
        Count++;
        if (entries.Count < PageSize)
        {
            entries.Insert(at, placed);
            return;
        }

        if (at == entries.Count)
        {
            _pages.Insert(page + 1, [placed]);
            return;
        }

        List<Placed> upper = entries[(PageSize / 2)..];
        entries.RemoveRange(PageSize / 2, entries.Count - (PageSize / 2));
        _pages.Insert(page + 1, upper);
        if (at <= PageSize / 2) entries.Insert(at, placed);
        else upper.Insert(at - (PageSize / 2), placed);
    }

    /// <summary>Fine if absent.</summary>
    internal void Remove(IpPrefix prefix)
    {
        if (_pages.Count == 0) return;
        int page = PageOf(prefix.First);
        List<Placed> entries = _pages[page];
        int at = IndexIn(entries, prefix.First);
        if (at == entries.Count || entries[at].Prefix != prefix) return;
        Count--;
        entries.RemoveAt(at);
        if (entries.Count == 0) _pages.RemoveAt(page);
    }

    /// <summary>The last page that begins at or before the address; the first one if none does.</summary>
    private int PageOf(IpAddress first)
    {
        int low = 0, high = _pages.Count;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (_pages[middle][0].Prefix.First <= first) low = middle;
            else high = middle;
        }

        return low;
    }

    /// <summary>Of the first entry that begins at or behind the address.</summary>
    private static int IndexIn(List<Placed> entries, IpAddress first)
    {
        int low = 0, high = entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (entries[middle].Prefix.First < first) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
