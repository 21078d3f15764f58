using System.Buffers.Binary;
using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;

namespace Twill.Tests.Services;

/// <summary>A new connection's first packet.</summary>
internal sealed record TracedPacket(IpAddress Source, ushort SourcePort, IpAddress Target, byte Protocol, ushort TargetPort)
{
    /// <summary>What fib says of the source.</summary>
    internal bool FromNode { get; init; }
}

/// <summary>Walks a packet through expressions, as the kernel's virtual machine does, whoever compiled or dumped them. Knows nothing of services.</summary>
internal sealed class PacketTracer(IReadOnlyDictionary<string, IReadOnlyList<NftExpression[]>> chains, IEnumerable<(string Set, NftElement Element)> elements, Func<uint, uint> draw)
{
    private const int MaxSteps = 1000;

    private readonly Dictionary<(string, NftBytes), NftElement> _single = Index(elements);
    private readonly List<(string Set, NftElement Element)> _ranges = [.. elements.Where(e => e.Element.Last is not null)];
    private readonly byte[] _registers = new byte[64];
    private uint _priority;
    private int _steps;

    /// <summary>"10.244.1.2 . 8080", "reject", "drop" or "none".</summary>
    internal string Walk(string chain, TracedPacket packet)
    {
        _steps = 0;
        string end = Chain(chain, packet) ?? "none";
        return end;
    }

    private static Dictionary<(string, NftBytes), NftElement> Index(IEnumerable<(string Set, NftElement Element)> elements)
    {
        var index = new Dictionary<(string, NftBytes), NftElement>();
        foreach ((string set, NftElement element) in elements)
        {
            if (element.Last is null) index.Add((set, element.Key), element);
        }

        return index;
    }

    private string? Chain(string name, TracedPacket packet)
    {
        foreach (NftExpression[] rule in chains[name])
        {
            NftVerdict? verdict = null;
            string? end = null;
            foreach (NftExpression expression in rule)
            {
                if (++_steps > MaxSteps) throw new InvalidOperationException("the packet goes round");
                if (!Run(expression, packet, out verdict, out end)) break;
                if (verdict is not null || end is not null) break;
            }

            if (end is not null) return end;
            if (verdict is not { } decided) continue;
            if (decided == NftVerdict.Drop) return "drop";
            if (decided.Code == NfTablesUapi.NFT_GOTO) return Chain(decided.Chain!, packet);
            throw new InvalidOperationException($"verdict {decided}");
        }

        return null;
    }

    private bool Run(NftExpression expression, TracedPacket packet, out NftVerdict? verdict, out string? end)
    {
        verdict = null;
        end = null;
        switch (expression)
        {
            case NftMeta { Key: NfTablesUapi.NFT_META_NFPROTO } meta: Store(meta.Dreg, [packet.Target.IsV6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4]); return true;
            case NftMeta { Key: NfTablesUapi.NFT_META_L4PROTO } meta: Store(meta.Dreg, [packet.Protocol]); return true;
            case NftMeta { Key: NfTablesUapi.NFT_META_PRIORITY } meta: Store(meta.Dreg, NftBytes.U32(_priority).Span); return true;
            case NftMetaSet { Key: NfTablesUapi.NFT_META_PRIORITY } set: _priority = BinaryPrimitives.ReadUInt32LittleEndian(Load(set.Sreg, 4)); return true;
            case NftPayload payload: Store(payload.Dreg, Header(payload, packet)); return true;
            case NftCmp cmp:
                bool equal = Load(cmp.Sreg, cmp.Value.Length).SequenceEqual(cmp.Value.Span);
                return cmp.Op == NfTablesUapi.NFT_CMP_EQ ? equal : cmp.Op == NfTablesUapi.NFT_CMP_NEQ ? !equal : throw new NotSupportedException($"{cmp}");
            case NftLookup lookup: return Find(lookup, out verdict);
            case NftNumgen numgen: Store(numgen.Dreg, NftBytes.U32(draw(numgen.Modulus)).Span); return true;
            case NftHash { Modulus: uint.MaxValue } hash: Store(hash.Dreg, NftBytes.U32((uint)Hash64.Of(Convert.ToHexString(Load(hash.Sreg!.Value, (int)hash.Length)) + hash.Seed)).Span); return true;
            case NftHash hash: Store(hash.Dreg, NftBytes.U32(draw(hash.Modulus)).Span); return true;
            case NftFib fib: Store(fib.Dreg, NftBytes.U32(packet.FromNode ? (uint)NftFibType.Local : (uint)NftFibType.Unicast).Span); return true;
            case NftImmediate immediate: Store(immediate.Dreg, immediate.Value.Span); return true;
            case NftDecide decide: verdict = decide.Verdict; return true;
            case NftReject: end = "reject"; return true;
            case NftDynset dynset: Update(dynset); return true;
            case NftNat nat:
                IpAddress address = IpAddress.Read(Load(nat.AddressMin!.Value, packet.Target.Length));
                end = $"{address} . {BinaryPrimitives.ReadUInt16BigEndian(Load(nat.PortMin!.Value, 2))}";
                return true;
            default: throw new NotSupportedException($"{expression}");
        }
    }

    private bool Find(NftLookup lookup, out NftVerdict? verdict)
    {
        verdict = null;
        NftElement? found = null;
        foreach (int length in (int[])[4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44])
        {
            int from = lookup.Sreg.Word * 4;
            if (from + length > _registers.Length) break;
            if (_single.TryGetValue((lookup.Set, new NftBytes(_registers.AsSpan(from, length))), out found)) break;
        }

        found ??= _ranges.Where(r => r.Set == lookup.Set && Inside(r.Element, _registers.AsSpan(lookup.Sreg.Word * 4))).Select(r => r.Element).FirstOrDefault();
        if (lookup.Inverted) return found is null;
        if (found is null) return false;
        if (lookup.Dreg is not { } dreg) return true;
        if (dreg == NftRegister.Verdict) verdict = found.Verdict;
        else Store(dreg, found.Data!.Value.Span);
        return true;
    }

    // Fixed parts of a concatenation are equal at both ends, so comparing all bytes in order is comparing the last field.
    private static bool Inside(NftElement range, ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> key = value[..range.Key.Length];
        return key.SequenceCompareTo(range.Key.Span) >= 0 && key.SequenceCompareTo(range.Last!.Value.Span) <= 0;
    }

    // The length of the key is that of the only keys there can be: 4 bytes of data follow in maps of numbers.
    private void Update(NftDynset dynset)
    {
        int length = (dynset.Data!.Value.Word - dynset.Key.Word) * 4;
        var key = new NftBytes(_registers.AsSpan(dynset.Key.Word * 4, length));
        if (dynset.Op == NfTablesUapi.NFT_DYNSET_OP_DELETE) _single.Remove((dynset.Set, key));
        else _single.TryAdd((dynset.Set, key), new NftElement(key).To(new NftBytes(Load(dynset.Data.Value, 4))));
    }

    private void Store(NftRegister register, ReadOnlySpan<byte> value)
    {
        Span<byte> target = _registers.AsSpan(register.Word * 4);
        target[..((value.Length + 3) & ~3)].Clear();
        value.CopyTo(target);
    }

    private ReadOnlySpan<byte> Load(NftRegister register, int length) => _registers.AsSpan(register.Word * 4, length);

    private static byte[] Header(NftPayload payload, TracedPacket packet)
    {
        byte[] header = new byte[64];
        if (payload.Base == NfTablesUapi.NFT_PAYLOAD_NETWORK_HEADER)
        {
            packet.Source.Write(header.AsSpan(packet.Source.IsV6 ? 8 : 12));
            packet.Target.Write(header.AsSpan(packet.Target.IsV6 ? 24 : 16));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(header, packet.SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), packet.TargetPort);
        }

        return header[(int)payload.Offset..(int)(payload.Offset + payload.Length)];
    }
}
