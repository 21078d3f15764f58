using Twill.Fabric.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

/// <summary>The questions about links that attaching and detaching ask.</summary>
internal static class LinkQueries
{
    extension(RouteSocket socket)
    {
        /// <returns>The link of that index, name or alternative name; null where there is none.</returns>
        internal Link? FindLink(LinkKey key) => socket.TryGetLink(key, out Link? link) ? link : null;

        /// <summary>All host ends and ifb devices of a network; of every network where <paramref name="tag"/> is null.</summary>
        internal List<Link> FindOurLinks(string? tag) => socket.FindOurLinks(tag, out _);

        /// <summary>As the other.</summary>
        /// <param name="groups">Group numbers in use, by anybody's links.</param>
        internal List<Link> FindOurLinks(string? tag, out HashSet<uint> groups)
        {
            var reader = new OurLinks(tag);
            socket.DumpLinks(default, ref reader).ThrowIfFailed("cannot list the interfaces of this node");
            groups = reader.Groups;
            return reader.Links;
        }
    }

    /// <summary>Whether an attachment was finished: its owner is written last. Then "ID:IFNAME".</summary>
    internal static bool TryGetOwner(this Link link, out string key)
    {
        foreach (string name in link.AltNames)
        {
            if (!Owner.TryParseAltName(name, out ReadOnlySpan<char> found)) continue;
            key = found.ToString();
            return true;
        }

        key = "";
        return false;
    }
}
