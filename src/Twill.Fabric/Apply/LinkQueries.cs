using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Fabric.Apply;

/// <summary>The questions about links that attaching and detaching ask.</summary>
internal static class LinkQueries
{
    extension(RouteSocket socket)
    {
        /// <returns>The link of that index, name or alternative name; null where there is none.</returns>
        internal Link? FindLink(LinkKey key) => socket.TryGetLink(key, out Link? link) ? link : null;

        /// <summary>Host ends and ifb devices of a network, of every network where <paramref name="tag"/> is null; perhaps not all of them.</summary>
        /// <param name="whole">False: links came and went during every attempt. What is listed was there; nothing follows from what is not listed.</param>
        internal List<Link> SeeOurLinks(string? tag, out bool whole)
        {
            var reader = new OurLinks(tag);
            NetlinkOutcome outcome = socket.DumpLinks(default, ref reader);
            whole = outcome.Ok;
            if (outcome.Errno != Errno.EINTR) outcome.ThrowIfFailed("cannot list the interfaces of this node");
            return reader.Links;
        }

        /// <summary>All host ends and ifb devices of a network.</summary>
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
