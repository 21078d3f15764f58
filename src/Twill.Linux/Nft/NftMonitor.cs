using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Uapi;

namespace Twill.Linux.Nft;

/// <summary>Tells who changes what in a namespace's nftables, and the way of traced packets. Like: nft monitor.</summary>
/// <remarks>Open it, then read the rules, then act; after an overrun read them again.</remarks>
public sealed class NftMonitor : IDisposable
{
    private readonly NetlinkMonitor _monitor;

    private NftMonitor(NetlinkMonitor monitor) => _monitor = monitor;

    public int DescriptorNumber => _monitor.DescriptorNumber;

    /// <summary>Changes of tables, chains, rules, sets and elements.</summary>
    /// <param name="network">Null: the calling thread's namespace.</param>
    public static NftMonitor OpenChanges(NetworkNamespace? network = null) => new(NetlinkMonitor.Open(NetlinkUapi.NETLINK_NETFILTER, [NfnetlinkUapi.NFNLGRP_NFTABLES], network));

    /// <summary>Steps of traced packets. While nobody listens tracing costs nearly nothing.</summary>
    /// <param name="network">Null: the calling thread's namespace.</param>
    public static NftMonitor OpenTraces(NetworkNamespace? network = null) => new(NetlinkMonitor.Open(NetlinkUapi.NETLINK_NETFILTER, [NfnetlinkUapi.NFNLGRP_NFTRACE], network));

    public void Dispose() => _monitor.Dispose();

    /// <summary>Waits for changes and adds those of one datagram to <paramref name="into"/>.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 looks without waiting, -1 waits for ever.</param>
    public MonitorEvent Wait(int timeoutMs, ICollection<NftEvent> into)
    {
        var reader = new EventReader(into);
        return _monitor.Wait(timeoutMs, ref reader);
    }

    /// <inheritdoc cref="Wait(int, ICollection{NftEvent})"/>
    public MonitorEvent Wait(int timeoutMs, ICollection<NftTrace> into)
    {
        var reader = new TraceReader(into);
        return _monitor.Wait(timeoutMs, ref reader);
    }

    private readonly struct EventReader(ICollection<NftEvent> into) : INetlinkReader
    {
        public void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            if (message.Type >> 8 == NfnetlinkUapi.NFNL_SUBSYS_NFTABLES && NftReader.Event(message) is { } change) into.Add(change);
        }
    }

    private readonly struct TraceReader(ICollection<NftTrace> into) : INetlinkReader
    {
        public void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            if (message.Type == ((NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8) | NfTablesUapi.NFT_MSG_TRACE)) into.Add(NftTrace.Read(message));
        }
    }
}
