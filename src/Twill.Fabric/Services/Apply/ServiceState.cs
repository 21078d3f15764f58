using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Apply;

/// <summary>One frontend as the kernel has it.</summary>
/// <param name="Inside">For clients on this node only, beside one for all others.</param>
/// <param name="Name">"default/web:http", as its element's comment says.</param>
/// <param name="Chain">"random3-v4"; "refuse" without endpoints; empty: dropped.</param>
/// <param name="Backends">Each once, in the order of their indexes; of Maglev sorted by their first slot.</param>
/// <param name="Hits">Connections since the element was written, which is when its number of endpoints last changed; UDP counts as conntrack does.</param>
/// <param name="Bytes">Of their first packets.</param>
public sealed record FrontendState(FrontendKey Key, bool Inside, string Name, string Chain, ImmutableArray<Backend> Backends, ulong Hits, ulong Bytes);

/// <summary>A node's services as the kernel has them, with hit counters; no agent and no source is asked.</summary>
/// <param name="Present">Whether our table is there.</param>
/// <param name="Whole">Whether all chains, maps and rules are as we make them.</param>
/// <param name="Frontends">In the order of their keys.</param>
public sealed record ServiceState(bool Present, bool Whole, IReadOnlyList<FrontendState> Frontends)
{
    internal static ServiceState Of(bool present, bool whole, List<ServiceElement> elements)
    {
        ServiceCompiler.Arrangement order = ArrangementOf(elements);
        var frontends = new List<FrontendState>();
        foreach ((NftSet set, NftElement element) in elements)
        {
            ServiceSets sets = ServiceTable.Sets(set.Name.EndsWith('6'));
            bool inside = set == sets.Inside;
            if ((!inside && set != sets.Services) || element.Verdict is not { } verdict) continue;
            FrontendKey key = FrontendKey.Read(element.Key);
            frontends.Add(new FrontendState(key, inside, element.Comment ?? "", verdict.Chain ?? "", order(key, inside) ?? [], element.Counted?.Packets ?? 0, element.Counted?.Bytes ?? 0));
        }

        return new ServiceState(present, whole, frontends);
    }

    /// <summary>The order of endpoints by the indexes in the kernel; Maglev's is no order and comes out sorted by slot, each once.</summary>
    internal static ServiceCompiler.Arrangement ArrangementOf(List<ServiceElement> elements)
    {
        var orders = new Dictionary<(NftBytes, bool), SortedDictionary<uint, Backend>>();
        var picks = new Dictionary<(NftBytes, bool), SortedDictionary<uint, uint>>();
        var live = new Dictionary<(NftBytes, bool, uint), Backend>();
        foreach ((NftSet set, NftElement element) in elements)
        {
            ServiceSets sets = ServiceTable.Sets(set.Name.EndsWith('6'));
            bool inside = set == sets.InsideEndpoints || set == sets.InsidePicks || set == sets.InsideLive;
            if (element.Data is not { } data) continue;
            ReadOnlySpan<byte> key = element.Key.Span;
            uint index = MemoryMarshal.Read<uint>(key[^4..]);
            var frontend = new NftBytes(key[..^4]);
            if (set == sets.Endpoints || set == sets.InsideEndpoints) Row(orders, (frontend, inside))[index] = BackendOf(data);
            else if (set == sets.Live || set == sets.InsideLive) live[(frontend, inside, index)] = BackendOf(data);
            else if (set == sets.Picks || set == sets.InsidePicks) Row(picks, (frontend, inside))[index] = MemoryMarshal.Read<uint>(data.Span);
        }

        return (key, inside) =>
        {
            NftBytes bytes = key.Bytes();
            if (orders.TryGetValue((bytes, inside), out SortedDictionary<uint, Backend>? order)) return [.. order.Values.Distinct()];
            if (!picks.TryGetValue((bytes, inside), out SortedDictionary<uint, uint>? ids)) return null;
            return [.. ids.Values.Where(id => live.ContainsKey((bytes, inside, id))).Select(id => live[(bytes, inside, id)]).Distinct()];
        };
    }

    private static SortedDictionary<uint, T> Row<T>(Dictionary<(NftBytes, bool), SortedDictionary<uint, T>> rows, (NftBytes, bool) key)
        => rows.TryGetValue(key, out SortedDictionary<uint, T>? row) ? row : rows[key] = [];

    private static Backend BackendOf(NftBytes data)
    {
        int length = data.Length - 4;
        return new Backend(IpAddress.Read(data.Span[..length]), System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(data.Span[length..]));
    }
}
