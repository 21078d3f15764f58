using System.Buffers.Binary;
using Twill.Lab.State;
using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;

namespace Twill.Trace;

/// <summary>Lets the kernel tell which rules one packet meets in a namespace. Like: nft monitor trace.</summary>
/// <remarks>The table that switches it on belongs to our socket: it goes with us, however we end (Linux 5.12).</remarks>
internal sealed class RuleWatch : IDisposable
{
    /// <summary>Before everybody else's chains.</summary>
    private const int Priority = -400;

    /// <summary>Datagrams of traces that are read at most.</summary>
    private const int MaxReads = 1000;

    private readonly NamespaceState _space;
    private readonly NftSocket _socket;
    private readonly NftMonitor _monitor;
    private readonly Packet _packet;

    private RuleWatch(NamespaceState space, NftSocket socket, NftMonitor monitor, Packet packet)
    {
        _space = space;
        _packet = packet;
        _socket = socket;
        _monitor = monitor;
    }

    /// <returns>Null where the kernel refuses: then rules are predicted only.</returns>
    internal static RuleWatch? TryOpen(NamespaceState space, NetworkNamespace network, Packet packet)
    {
        NftSocket socket = NftSocket.Open(network);
        var table = new NftTable(NftFamily.Inet, $"twill-trace-{Environment.ProcessId}") { Flags = NftTableFlags.Owner };
        NftTransaction transaction = socket.NewTransaction().AddTable(table);
        foreach (NftHookPoint point in (NftHookPoint[])[NftHookPoint.Prerouting, NftHookPoint.Output])
        {
            var chain = new NftChain(table, point.ToString().ToLowerInvariant()) { Hook = NftHook.Filter(point, Priority) };
            transaction.AddChain(chain);
            foreach (NftStatement match in Matches(packet)) transaction.AddRule(new NftRule(chain, match, Nft.Meta.Trace));
        }

        NftMonitor monitor = NftMonitor.OpenTraces(network);
        if (socket.Commit(transaction).Ok) return new RuleWatch(space, socket, monitor, packet);
        monitor.Dispose();
        socket.Dispose();
        return null;
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _socket.Dispose();
    }

    /// <summary>Who dropped it here; empty: nobody.</summary>
    internal List<string> Drops()
    {
        var traces = new List<NftTrace>();
        for (int i = 0; i < MaxReads && _monitor.Wait(0, traces) == MonitorEvent.Received; i++)
        {
        }

        // Others may trace as well; only a packet's first step shows its headers.
        HashSet<uint> ours = [.. traces.Where(t => Recognition.IsPartOf(t.Transport.Span, _packet)).Select(t => t.Id)];
        var drops = new List<string>();
        foreach (NftTrace trace in traces)
        {
            if (trace.Verdict is not { Code: NfnetlinkUapi.NF_DROP } || !ours.Contains(trace.Id)) continue;
            NftRuleInfo? rule = _space.Rules.FirstOrDefault(r => r.Handle == trace.RuleHandle && r.Chain.Name == trace.Chain && r.Chain.Table.Name == trace.Table && r.Chain.Table.Family == trace.Family);
            string by = trace.Kind == NftTraceKind.Policy ? "policy" : $"rule handle {trace.RuleHandle}{(rule?.Comment is { } comment ? $" \"{comment}\"" : "")}";
            drops.Add($"{_space.Name}: {trace.Family.Keyword} {trace.Table} {trace.Chain}, {by}");
        }

        return drops;
    }

    /// <summary>The token, where this kind of packet and its answer have it.</summary>
    private static IEnumerable<NftStatement> Matches(Packet packet)
    {
        Span<byte> token = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(token, packet.Token);
        if (packet.Kind != TraceProtocol.Tcp) return [Match(packet.Protocol, Packet.TransportHeader, new NftBytes(token))];
        Span<byte> sequence = stackalloc byte[4], answer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sequence, packet.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(answer, packet.Sequence + 1);
        return [Match(packet.Protocol, 4, new NftBytes(sequence)), Match(packet.Protocol, 8, new NftBytes(answer))];
    }

    private static NftStatement Match(byte protocol, uint offset, NftBytes value) => Nft.Raw(
        $"meta l4proto {protocol} @th,{offset * 8},{value.Length * 8} {value}",
        new NftMeta(NfTablesUapi.NFT_META_L4PROTO, NftRegister.First),
        new NftCmp(NftRegister.First, NfTablesUapi.NFT_CMP_EQ, NftBytes.U8(protocol)),
        new NftPayload(NftRegister.First, NfTablesUapi.NFT_PAYLOAD_TRANSPORT_HEADER, offset, (uint)value.Length),
        new NftCmp(NftRegister.First, NfTablesUapi.NFT_CMP_EQ, value));
}
