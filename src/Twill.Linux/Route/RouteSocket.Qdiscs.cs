using Twill.Linux.Netlink;
using Twill.Linux.Sys;
using Twill.Linux.Tc;
using Twill.Linux.Uapi;

namespace Twill.Linux.Route;

public sealed partial class RouteSocket
{
    /// <inheritdoc cref="QdiscRequests.AddTbf"/>
    /// <returns>False: another qdisc is there.</returns>
    /// <exception cref="NetlinkException">ENODEV: no such link. EINVAL: the burst is smaller than a packet, or longer than 68 s at the rate. ENOENT: no driver sch_tbf.</exception>
    public bool TryAddTbf(in TbfSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.AddTbf(batch, spec);
        return Try(batch, "add qdisc", spec, Errno.EEXIST);
    }

    /// <inheritdoc cref="QdiscRequests.ReplaceTbf"/>
    /// <inheritdoc cref="TryAddTbf" path="/exception"/>
    public void ReplaceTbf(in TbfSpec spec)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.ReplaceTbf(batch, spec);
        Send(batch, "replace qdisc", spec);
    }

    /// <inheritdoc cref="QdiscRequests.AddIngress"/>
    /// <returns>False: it is there, or clsact is.</returns>
    public bool TryAddIngress(IfIndex dev)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.AddIngress(batch, dev);
        return Try(batch, "add qdisc ingress to", (LinkKey)dev, Errno.EEXIST);
    }

    /// <inheritdoc cref="QdiscRequests.AddClsact"/>
    /// <returns>False: it is there, or ingress is.</returns>
    public bool TryAddClsact(IfIndex dev)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.AddClsact(batch, dev);
        return Try(batch, "add qdisc clsact to", (LinkKey)dev, Errno.EEXIST);
    }

    /// <inheritdoc cref="QdiscRequests.Remove"/>
    /// <returns>Whether there was one; false too where the link has gone.</returns>
    public bool RemoveQdisc(IfIndex dev, TcHandle parent)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.Remove(batch, dev, parent);
        NetlinkOutcome outcome = Netlink.Execute(batch);
        if (outcome.Ok) return true;
        return outcome.Errno is Errno.ENOENT or Errno.EINVAL or Errno.ENODEV ? false : throw Failure("remove qdisc from", (LinkKey)dev, outcome);
    }

    /// <summary>Qdiscs of one link, or of all. Like: tc qdisc show [dev eth0].</summary>
    public List<Qdisc> Qdiscs(IfIndex? dev = null)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        QdiscRequests.Dump(batch, dev);
        List<Qdisc> all = List(batch, "qdiscs", RtnetlinkUapi.RTM_NEWQDISC, static (in NetlinkMessage m) => new QdiscView(m).ToQdisc());
        if (dev is { } one) all.RemoveAll(q => q.Dev != one);
        return all;
    }

    /// <inheritdoc cref="FilterRequests.AddRedirectU32"/>
    /// <exception cref="NetlinkException">ENODEV: one of the links is not there. EINVAL: the device has no ingress or clsact qdisc. ENOENT: no driver cls_u32 or act_mirred.</exception>
    public void AddRedirect(IfIndex dev, TcHandle parent, IfIndex target, ushort priority = FilterRequests.DefaultPriority)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        FilterRequests.AddRedirectU32(batch, dev, parent, target, priority);
        Send(batch, $"redirect to #{target} the packets of", (LinkKey)dev);
    }

    /// <inheritdoc cref="FilterRequests.Remove"/>
    /// <returns>Whether there was any.</returns>
    public bool RemoveFilters(IfIndex dev, TcHandle parent, ushort priority)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        FilterRequests.Remove(batch, dev, parent, priority);
        NetlinkOutcome outcome = Netlink.Execute(batch);
        if (outcome.Ok) return true;
        return outcome.Errno is Errno.ENOENT or Errno.EINVAL or Errno.ENODEV ? false : throw Failure("remove filters from", (LinkKey)dev, outcome);
    }

    /// <summary>Filters below one parent. Like: tc filter show dev veth0 ingress.</summary>
    public List<Filter> Filters(IfIndex dev, TcHandle parent)
    {
        NetlinkBatch batch = Netlink.NewBatch();
        FilterRequests.Dump(batch, dev, parent);
        return List(batch, "filters", RtnetlinkUapi.RTM_NEWTFILTER, static (in NetlinkMessage m) => new FilterView(m).ToFilter());
    }
}
