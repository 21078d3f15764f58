using System.Diagnostics.CodeAnalysis;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <summary>Looks a link up by index, name or alternative name.</summary>
    /// <returns>False: there is none.</returns>
    /// <remarks>Like: ip link show dev eth0. Names of up to 127 bytes; one request, one answer.</remarks>
    public bool TryGetLink(LinkKey key, [NotNullWhen(true)] out Link? link)
    {
        var reader = new ListReader<Link>(RtnetlinkUapi.RTM_NEWLINK, static (in NetlinkMessage m) => new LinkView(m).ToLink());
        link = QueryLink(key, ref reader) && reader.Items.Count > 0 ? reader.Items[0] : null;
        return link is not null;
    }

    /// <exception cref="NetlinkException">ENODEV: there is none.</exception>
    public Link GetLink(LinkKey key) => TryGetLink(key, out Link? link) ? link : throw Failure("find link", key, new NetlinkOutcome(Errno.ENODEV));

    /// <summary>As <see cref="TryGetLink"/>, only the index, without allocating.</summary>
    public bool TryGetIndex(LinkKey key, out IfIndex index)
    {
        var reader = default(LinkIndexReader);
        bool found = QueryLink(key, ref reader) && reader.Found;
        index = reader.Index;
        return found;
    }

    /// <summary>Hands one link's message to a reader; it makes a <see cref="LinkView"/> of it.</summary>
    /// <returns>False: there is no such link.</returns>
    public bool QueryLink<T>(LinkKey key, ref T reader)
        where T : INetlinkReader
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Get(batch, key);
        NetlinkOutcome outcome = Netlink.Query(batch, ref reader);
        if (outcome.Ok) return true;
        return outcome.Errno == Errno.ENODEV ? false : throw Failure("find link", key, outcome);
    }

    /// <summary>All links, or those that pass the filter, as copies. For thousands: <see cref="DumpLinks"/>.</summary>
    /// <exception cref="NetlinkException">EINTR: the table changed during every attempt.</exception>
    public List<Link> Links(LinkFilter filter = default)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Dump(batch, filter);
        return List(batch, "links", RtnetlinkUapi.RTM_NEWLINK, static (in NetlinkMessage m) => new LinkView(m).ToLink());
    }

    /// <summary>Hands every link to a reader, without allocating.</summary>
    /// <returns>Success, or EINTR: never act on what was read.</returns>
    public NetlinkOutcome DumpLinks<T>(LinkFilter filter, ref T reader)
        where T : INetlinkReader
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Dump(batch, filter);
        return Netlink.Dump(batch, ref reader);
    }

    /// <summary>Makes a veth pair, both ends in one message.</summary>
    /// <param name="pair">Both indices, from the same answer.</param>
    /// <returns>Whether it was made, or which of the two names is taken.</returns>
    /// <exception cref="NetlinkException">ENODEV: no such master. EOPNOTSUPP: no driver veth. EINVAL: a name or an address that is none.</exception>
    /// <remarks>
    /// Like: ip link add v0 mtu 1450 master br0 up type veth peer name eth0 netns NAME. One send. The kernel says EEXIST for either name;
    /// only then a second request tells them apart.
    /// </remarks>
    public VethCreation TryCreateVeth(in VethSpec spec, out VethPair pair)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.CreateVeth(batch, spec, echo: true);
        var reader = default(LinkIndexReader);
        NetlinkOutcome outcome = Netlink.Execute(batch, ref reader);
        pair = default;
        if (outcome.Ok)
        {
            // Before Linux 6.2 there is no echo of a new link: ask. Goes with the last kernel below that.
            if (!reader.Found) _ = QueryLink(spec.Name, ref reader);
            pair = new VethPair(reader.Index, reader.LinkedIndex);
            return VethCreation.Created;
        }

        if (outcome.Errno != Errno.EEXIST) throw Failure("create veth", spec, outcome);
        return TryGetIndex(spec.Name, out _) ? VethCreation.NameTaken : VethCreation.PeerNameTaken;
    }

    /// <summary>As <see cref="TryCreateVeth"/>; a taken name is an exception.</summary>
    public VethPair CreateVeth(in VethSpec spec) => TryCreateVeth(spec, out VethPair pair) switch
    {
        VethCreation.Created => pair,
        VethCreation.NameTaken => throw Failure("create veth", spec, new NetlinkOutcome(Errno.EEXIST, 0, $"{spec.Name} is taken")),
        _ => throw Failure("create veth", spec, new NetlinkOutcome(Errno.EEXIST, 0, $"{spec.PeerName} is taken in the peer's namespace")),
    };

    /// <summary>Makes a bridge.</summary>
    /// <returns>False: the name is taken, by a bridge or something else.</returns>
    public bool TryCreateBridge(in BridgeSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.CreateBridge(batch, spec);
        return Try(batch, "create bridge", spec.Name, Errno.EEXIST);
    }

    /// <summary>Changes an existing bridge's settings, not its link properties. Like: ip link set br0 type bridge nf_call_iptables 1.</summary>
    public void SetBridge(in BridgeSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.SetBridge(batch, spec);
        Send(batch, "change bridge", spec.Name);
    }

    /// <summary>Makes a VXLAN device.</summary>
    /// <returns>False: the name is taken, or the identifier on this port.</returns>
    public bool TryCreateVxlan(in VxlanSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.CreateVxlan(batch, spec);
        return Try(batch, "create vxlan", spec.Name, Errno.EEXIST);
    }

    /// <inheritdoc cref="LinkRequests.CreateIfb"/>
    /// <returns>False: the name is taken.</returns>
    public bool TryCreateIfb(string name, Mtu? mtu = null, bool up = true)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.CreateIfb(batch, name, mtu, up);
        return Try(batch, "create ifb", name, Errno.EEXIST);
    }

    /// <inheritdoc cref="LinkRequests.Delete"/>
    /// <returns>Whether it was there.</returns>
    public bool RemoveLink(LinkKey link)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Delete(batch, link);
        return Try(batch, "delete link", link, Errno.ENODEV);
    }

    /// <inheritdoc cref="LinkRequests.DeleteGroup"/>
    /// <returns>Whether there was any.</returns>
    public bool RemoveLinkGroup(uint group)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.DeleteGroup(batch, group);
        return Try(batch, "delete link group", group, Errno.ENODEV);
    }

    /// <inheritdoc cref="LinkRequests.Move"/>
    public void MoveLink(LinkKey link, NetworkNamespace target, string? name = null)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        LinkRequests.Move(batch, link, target, name);
        Send(batch, $"move to network namespace {target.Name} the link", link);
    }
}
