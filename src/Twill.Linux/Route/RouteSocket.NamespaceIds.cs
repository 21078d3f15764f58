using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <inheritdoc cref="NamespaceIdRequests.Add"/>
    /// <returns>False: it has an id, or the id is another's.</returns>
    public bool TryAddNamespaceId(NetworkNamespace other, int? id = null)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NamespaceIdRequests.Add(batch, other, id);
        return Try(batch, "give an id to network namespace", other.Name, Errno.EEXIST, Errno.ENOSPC);
    }

    /// <summary>The id by which the socket's namespace knows the other: that of <see cref="Link.LinkNamespaceId"/>.</summary>
    /// <returns>Null: none is given.</returns>
    public int? NamespaceId(NetworkNamespace other)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NamespaceIdRequests.Get(batch, other);
        var reader = new ListReader<int>(RtnetlinkUapi.RTM_NEWNSID, static (in NetlinkMessage m) => NamespaceIdRequests.Read(m));
        NetlinkOutcome outcome = Netlink.Query(batch, ref reader);
        if (!outcome.Ok) throw Failure("find the id of network namespace", other.Name, outcome);
        return reader.Items is [>= 0, ..] ? reader.Items[0] : null;
    }

    /// <inheritdoc cref="NamespaceIdRequests.Dump"/>
    public List<int> NamespaceIds()
    {
        NetlinkBatch batch = Netlink.NewBatch();
        NamespaceIdRequests.Dump(batch);
        return List(batch, "namespace ids", RtnetlinkUapi.RTM_NEWNSID, static (in NetlinkMessage m) => NamespaceIdRequests.Read(m));
    }
}
