using Twill.Fabric.HostPorts;
using Twill.Fabric.Model;
using Twill.Linux.Netlink;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;

namespace Twill.Fabric.Apply;

/// <summary>DEL: takes an attachment away, whatever is left of it. What to free is what the kernel says, not the configuration.</summary>
public static class PodDetacher
{
    /// <summary>Longest wait for the kernel's word that the interface is gone; then it is deleted the slow way.</summary>
    private const int GoneTimeoutMs = 2000;

    /// <summary>Deletes the owner's host end, its ifb device and what an ADD that died left of them. Fine if there is nothing.</summary>
    /// <returns>Whether anything was there.</returns>
    /// <remarks>One look-up by name for a finished attachment. Only where that finds nothing are all links looked at.</remarks>
    public static bool Detach(RouteSocket host, Owner owner)
    {
        var doomed = new List<IfIndex>(2);
        bool ports = false, unfinished = false;
        if (host.FindLink(owner.AltName) is { } finished)
        {
            doomed.Add(finished.Index);
            ports = Identity.SaysPorts(finished.Alias);
            if (Identity.SaysShaped(finished.Alias) && host.FindLink(owner.IfbAltName) is { } ifb) doomed.Add(ifb.Index);
        }
        else
        {
            unfinished = true;
            List<Link> links = host.SeeOurLinks(tag: null, out bool whole);
            foreach (Link orphan in whole ? HostEnd.OrphansOf(links) : []) doomed.Add(orphan.Index);
            foreach (Link link in links)
            {
                if (doomed.Contains(link.Index)) continue;
                if (link.TryGetOwner(out string key) ? key == owner.Key : link.Mac == owner.HostMac) doomed.Add(link.Index);
            }
        }

        // Ports first, so that nothing leads to an address that is free.
        if (ports) HostPortApply.Withdraw(doomed);
        Remove(host, doomed);
        if (unfinished) HostPortApply.Sweep(host);
        return doomed.Count > 0;
    }

    /// <summary>After a failed ADD: the pair goes, and with it its addresses, routes, filters and claims; then its ifb device.</summary>
    /// <param name="host">This node.</param>
    /// <param name="hostEnd">The host end; an index is never given to another link.</param>
    /// <param name="hostName">Its name. Meanwhile it may be another's, as an ifb device of that name: only one with our owner's name is ours.</param>
    /// <param name="hostMac">The owner's hash, see <see cref="Owner.HostMac"/>.</param>
    internal static void Undo(RouteSocket host, IfIndex hostEnd, string hostName, MacAddress hostMac)
    {
        host.RemoveLink(hostEnd);
        if (host.FindLink(ClaimName.IfbOf(hostName)) is { Kind: "ifb" } ifb && ifb.Mac == hostMac) host.RemoveLink(ifb.Index);
    }

    /// <summary>Deletes links and returns when none of them can be found any more, without waiting for the kernel's last barrier.</summary>
    /// <remarks>
    /// A forked child owns the send (<see cref="OrphanSend"/>); we wait for the notification, and then ask for each link: that question
    /// needs the lock which the deletion holds until the interface is out of every table. In doubt we delete ourselves, and wait.
    /// </remarks>
    internal static void Remove(RouteSocket host, List<IfIndex> links)
    {
        if (links.Count == 0) return;
        using NetlinkMonitor monitor = NetlinkMonitor.Open(NetlinkUapi.NETLINK_ROUTE, [RtnetlinkUapi.RTNLGRP_LINK]);
        bool handedOver = true;
        foreach (IfIndex link in links)
        {
            // A child for each: one would begin with the second link only after the first one's barrier.
            NetlinkBatch batch = host.Netlink.NewBatch();
            LinkRequests.Delete(batch, link);
            handedOver &= OrphanSend.TryExecute(host.Netlink, batch);
        }

        var farewell = new Farewell(links);
        while (handedOver && farewell.Left > 0 && monitor.Wait(GoneTimeoutMs, ref farewell) == MonitorEvent.Received)
        {
        }

        foreach (IfIndex link in links)
        {
            // The children share our socket, and their acknowledgements come to us: the reader skips them by their sequence numbers.
            if (host.FindLink(link) is not null) host.RemoveLink(link);
        }
    }

    /// <summary>Counts the links whose end the kernel has announced.</summary>
    private readonly struct Farewell(List<IfIndex> links) : INetlinkReader
    {
        private readonly HashSet<int> _left = [.. links.ConvertAll(l => l.Value)];

        internal int Left => _left.Count;

        public void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            if (message.Type != RtnetlinkUapi.RTM_DELLINK) return;
            IfInfoMsg header = message.Header<IfInfoMsg>();

            // A bridge also announces, as AF_BRIDGE and earlier, that the port has left it.
            if (header.ifi_family == 0) _left.Remove(header.ifi_index);
        }
    }
}
