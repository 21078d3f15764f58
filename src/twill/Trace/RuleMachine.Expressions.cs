using System.Buffers.Binary;
using System.Text;
using Twill.Lab.State;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Route;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Trace;

internal sealed partial class RuleMachine
{
    private const uint StateInvalid = 1, StateEstablished = 2, StateNew = 8; // enum ip_conntrack_info as nft's bits
    private const uint StatusSourceNat = 1 << 4, StatusDestinationNat = 1 << 5; // IPS_SRC_NAT, IPS_DST_NAT
    private const uint FibResultAddressType = 3, FibDestination = 2; // NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR

    private NftVerdict _verdict;

    private StepOutcome Step(NftExpression expression, NftRuleInfo rule)
    {
        switch (expression)
        {
            case NftPayload payload:
                ReadOnlySpan<byte> header = payload.Base switch { NFT_PAYLOAD_NETWORK_HEADER => _network, NFT_PAYLOAD_TRANSPORT_HEADER => _transport, _ => null };
                if (header.IsEmpty) return StepOutcome.Unknown;
                if (payload.Offset + payload.Length > header.Length) return StepOutcome.NoMatch;
                _registers.Set(payload.Dreg, header.Slice((int)payload.Offset, (int)payload.Length));
                return StepOutcome.Next;
            case NftMeta meta:
                return Meta(meta);
            case NftCt ct:
                return Ct(ct);
            case NftFib { Result: FibResultAddressType } fib:
                string type = typeOf((fib.Flags & FibDestination) != 0 ? _packet.Destination : _packet.Source);
                _registers.Set(fib.Dreg, type switch { "local" => (uint)RouteType.Local, "broadcast" => (uint)RouteType.Broadcast, "multicast" => (uint)RouteType.Multicast, _ => (uint)RouteType.Unicast });
                return StepOutcome.Next;
            case NftCmp cmp:
                int order = _registers.Get(cmp.Sreg, cmp.Value.Length).SequenceCompareTo(cmp.Value.Span);
                return Match(cmp.Op switch { NFT_CMP_EQ => order == 0, NFT_CMP_NEQ => order != 0, NFT_CMP_LT => order < 0, NFT_CMP_LTE => order <= 0, NFT_CMP_GT => order > 0, _ => order >= 0 });
            case NftRange range:
                ReadOnlySpan<byte> value = _registers.Get(range.Sreg, range.From.Length);
                return Match((value.SequenceCompareTo(range.From.Span) >= 0 && value.SequenceCompareTo(range.To.Span) <= 0) == (range.Op == NFT_RANGE_EQ));
            case NftBitwise bits:
                byte[] result = _registers.Get(bits.Sreg, bits.Mask.Length).ToArray();
                for (int i = 0; i < result.Length; i++) result[i] = (byte)((result[i] & bits.Mask.Span[i]) ^ bits.Xor.Span[i]);
                _registers.Set(bits.Dreg, result);
                return StepOutcome.Next;
            case NftByteorder swap:
                byte[] bytes = _registers.Get(swap.Sreg, (int)swap.Length).ToArray();
                for (int i = 0; i + (int)swap.Size <= bytes.Length; i += (int)swap.Size) Array.Reverse(bytes, i, (int)swap.Size);
                _registers.Set(swap.Dreg, bytes);
                return StepOutcome.Next;
            case NftImmediate immediate:
                _registers.Set(immediate.Dreg, immediate.Value.Span);
                return StepOutcome.Next;
            case NftDecide decide:
                _verdict = decide.Verdict;
                return StepOutcome.Verdict;
            case NftLookup lookup:
                return Lookup(lookup, rule);
            case NftNumgen numgen:
                return Choose(numgen.Dreg, numgen.Modulus, numgen.Offset);
            case NftHash { Modulus: > 0 } hash:
                return Choose(hash.Dreg, hash.Modulus, hash.Offset);
            case NftMetaSet { Key: NFT_META_PRIORITY } priority:
                _class = BinaryPrimitives.ReadUInt32LittleEndian(_registers.Get(priority.Sreg, 4));
                return StepOutcome.Next;
            case NftMetaSet { Key: NFT_META_MARK } mark:
                _packet = _packet with { Mark = BinaryPrimitives.ReadUInt32LittleEndian(_registers.Get(mark.Sreg, 4)) };
                return StepOutcome.Next;
            case NftCounter or NftLog or NftLimit { Flags: 0 } or NftMetaSet or NftCtSet or NftNotrack or NftTcpOptionSet or NftDup or NftDynset:
                return StepOutcome.Next;
            case NftLimit:
                return StepOutcome.NoMatch; // matches above the rate: taken for not reached
            case NftReject:
                _rejected = true;
                return StepOutcome.Drop;
            case NftMasquerade masquerade:
                return Translate(rule, "masquerade", _packet with { Source = OwnAddress() ?? _packet.Source, SourcePort = masquerade.Flags == 0 ? _packet.SourcePort : (ushort)0 }, source: true); // a random one is not known before
            case NftNat nat:
                if (nat.AddressMin is not { } register) return StepOutcome.Unknown;
                IpAddress address = IpAddress.Read(_registers.Get(register, _packet.IsV6 ? 16 : 4));
                return nat.Type == NFT_NAT_SNAT
                    ? Translate(rule, "snat", _packet with { Source = address, SourcePort = 0 }, source: true)
                    : Translate(rule, "dnat", _packet with { Destination = address, DestinationPort = Port(nat.PortMin) }, source: false);
            case NftRedirect redirect:
                return OwnAddress() is { } own ? Translate(rule, "redirect", _packet with { Destination = own, DestinationPort = Port(redirect.PortMin) }, source: false) : StepOutcome.Unknown;
            default:
                return StepOutcome.Unknown;
        }
    }

    private static StepOutcome Match(bool matches) => matches ? StepOutcome.Next : StepOutcome.NoMatch;

    private ushort Port(NftRegister? register) => register is { } there ? BinaryPrimitives.ReadUInt16BigEndian(_registers.Get(there, 2)) : _packet.DestinationPort;

    private StepOutcome Meta(NftMeta meta)
    {
        switch (meta.Key)
        {
            case NFT_META_NFPROTO: _registers.Set(meta.Dreg, (byte)(_packet.IsV6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4)); return StepOutcome.Next;
            case NFT_META_L4PROTO: _registers.Set(meta.Dreg, _packet.Protocol); return StepOutcome.Next;
            case NFT_META_PROTOCOL: _registers.Set(meta.Dreg, _packet.IsV6 ? [0x86, 0xdd] : [0x08, 0x00]); return StepOutcome.Next;
            case NFT_META_MARK: _registers.Set(meta.Dreg, _packet.Mark); return StepOutcome.Next;
            case NFT_META_PRIORITY: _registers.Set(meta.Dreg, _class); return StepOutcome.Next;
            case NFT_META_LEN: _registers.Set(meta.Dreg, (uint)_packet.Length); return StepOutcome.Next;
            case NFT_META_PKTTYPE: _registers.Set(meta.Dreg, (byte)0); return StepOutcome.Next;
            case NFT_META_IIFNAME: return Name(meta.Dreg, inputDevice);
            case NFT_META_OIFNAME: return Name(meta.Dreg, outputDevice);
            case NFT_META_IIF: return Index(meta.Dreg, inputDevice);
            case NFT_META_OIF: return Index(meta.Dreg, outputDevice);
            default: return StepOutcome.Unknown;
        }
    }

    /// <summary>Where there is no such interface (yet), the name is empty.</summary>
    private StepOutcome Name(NftRegister register, string? device)
    {
        Span<byte> name = stackalloc byte[16];
        name.Clear();
        Encoding.UTF8.GetBytes(device ?? "", name);
        _registers.Set(register, name);
        return StepOutcome.Next;
    }

    private StepOutcome Index(NftRegister register, string? device)
    {
        _registers.Set(register, device is not null && space.Link(device) is { } link ? (uint)link.Index : 0u);
        return StepOutcome.Next;
    }

    private StepOutcome Ct(NftCt ct)
    {
        switch (ct.Key)
        {
            case NFT_CT_STATE:
                _registers.Set(ct.Dreg, !_tracked ? StateInvalid : _packet.IsReply ? StateEstablished : StateNew);
                return StepOutcome.Next;
            case NFT_CT_DIRECTION when _tracked:
                _registers.Set(ct.Dreg, (byte)(_packet.IsReply ? 1 : 0));
                return StepOutcome.Next;
            case NFT_CT_MARK when _tracked:
                _registers.Set(ct.Dreg, 0u); // a new connection has none
                return StepOutcome.Next;
            case NFT_CT_STATUS when _tracked && Original is { } was:
                _registers.Set(ct.Dreg, (was.Destination != _packet.Destination ? StatusDestinationNat : 0) | (was.Source != _packet.Source ? StatusSourceNat : 0));
                return StepOutcome.Next;
            case NFT_CT_DST_IP or NFT_CT_DST_IP6 when _tracked && ct.Direction == 0 && Original is { } was:
                if (was.IsV6 != (ct.Key == NFT_CT_DST_IP6)) return StepOutcome.NoMatch;
                _registers.Set(ct.Dreg, NftBytes.Of(was.Destination).Span);
                return StepOutcome.Next;
            case NFT_CT_PROTO_DST when _tracked && ct.Direction == 0 && Original is { } was:
                _registers.Set(ct.Dreg, NftBytes.U16Be(was.DestinationPort).Span);
                return StepOutcome.Next;
            default:
                return _tracked ? StepOutcome.Unknown : StepOutcome.NoMatch;
        }
    }

    private StepOutcome Choose(NftRegister register, uint modulus, uint offset)
    {
        if (modulus == 0) return StepOutcome.Unknown;
        Choices = Math.Max(Choices, (int)Math.Min(modulus, int.MaxValue));
        _registers.Set(register, ((uint)Choice % modulus) + offset);
        return StepOutcome.Next;
    }

    private StepOutcome Lookup(NftLookup lookup, NftRuleInfo rule)
    {
        SetState? set = space.Sets.FirstOrDefault(s => s.Set.Name == lookup.Set && s.Set.Table.Name == rule.Chain.Table.Name && s.Set.Table.Family == rule.Chain.Table.Family);
        if (set is null) return StepOutcome.Unknown;
        byte[] key = _registers.Get(lookup.Sreg, set.Set.Key.Length).ToArray();
        NftElement? found = set.Elements.FirstOrDefault(e => !e.CatchAll && Contains(set.Set, e, key)) ?? set.Elements.FirstOrDefault(e => e.CatchAll);
        if (found is null == !lookup.Inverted) return StepOutcome.NoMatch;
        if (found?.Verdict is { } verdict)
        {
            _verdict = verdict;
            return StepOutcome.Verdict;
        }

        if (found?.Data is { } data && lookup.Dreg is { } register) _registers.Set(register, data.Span);
        return StepOutcome.Next;
    }

    /// <summary>Ranges of a concatenation are ranges of each field.</summary>
    private static bool Contains(NftSet set, NftElement element, ReadOnlySpan<byte> key)
    {
        if (element.Last is not { } last) return element.Key.Span.SequenceEqual(key[..Math.Min(element.Key.Length, key.Length)]);
        if (!set.Key.IsConcatenation) return key.SequenceCompareTo(element.Key.Span) >= 0 && key.SequenceCompareTo(last.Span) <= 0;
        int at = 0;
        foreach (NftType field in set.Key.Fields)
        {
            ReadOnlySpan<byte> part = key.Slice(at, field.Length);
            if (part.SequenceCompareTo(element.Key.Span.Slice(at, field.Length)) < 0 || part.SequenceCompareTo(last.Span.Slice(at, field.Length)) > 0) return false;
            at += (field.Length + 3) & ~3;
        }

        return true;
    }

    private StepOutcome Translate(NftRuleInfo rule, string word, Packet packet, bool source)
    {
        Load(packet);
        _translation = $"{word} {(source ? $"from {packet.Source}" : $"to {packet.Destination}")}";
        _decidedBy = (rule.Chain, rule);
        return StepOutcome.Accept;
    }

    /// <summary>Masquerading takes the outgoing interface's address, redirecting the incoming one's.</summary>
    private IpAddress? OwnAddress()
    {
        string? device = outputDevice ?? inputDevice;
        if (device is null) return null;
        foreach (IpPrefix address in space.AddressesOf(device))
        {
            if (address.IsV6 == _packet.IsV6) return address.Address;
        }

        return null;
    }
}
