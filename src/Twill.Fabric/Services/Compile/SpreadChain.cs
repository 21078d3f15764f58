using System.Globalization;
using Twill.Linux.Nft;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;

namespace Twill.Fabric.Services.Compile;

/// <summary>The chain that all frontends share which spread in the same way over the same number of endpoints.</summary>
/// <param name="Count">Endpoints, or slots of a Maglev table.</param>
/// <param name="AffinitySeconds">Of affinity only.</param>
public readonly record struct SpreadChain(FrontendKind Kind, int Count, uint AffinitySeconds, bool V6, bool Inside)
{
    /// <summary>The same on every node, so that Maglev chooses the same everywhere.</summary>
    private const uint Seed = 0x7477696c;

    /// <summary>"random3-v4", "inside-affinity3-10800-v6".</summary>
    public string Name => $"{(Inside ? "inside-" : "")}{Kind.ToString().ToLowerInvariant()}{Count}{(Kind == FrontendKind.Affinity ? $"-{AffinitySeconds}" : "")}-v{(V6 ? 6 : 4)}";

    /// <summary>Reads a name of <see cref="Name"/>.</summary>
    public static bool TryParse(string name, out SpreadChain chain)
    {
        chain = default;
        ReadOnlySpan<char> rest = name;
        bool inside = rest.StartsWith("inside-");
        if (inside) rest = rest["inside-".Length..];
        if (rest.Length < 4 || rest[^3] != '-' || rest[^2] != 'v') return false;
        bool v6 = rest[^1] == '6';
        rest = rest[..^3];
        foreach (FrontendKind kind in (ReadOnlySpan<FrontendKind>)[FrontendKind.Random, FrontendKind.Hash, FrontendKind.Maglev, FrontendKind.Affinity])
        {
            string word = kind.ToString().ToLowerInvariant();
            if (!rest.StartsWith(word)) continue;
            ReadOnlySpan<char> numbers = rest[word.Length..];
            int dash = numbers.IndexOf('-');
            uint seconds = 0;
            if (dash >= 0 && !uint.TryParse(numbers[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out seconds)) return false;
            if (!int.TryParse(dash < 0 ? numbers : numbers[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return false;
            chain = new SpreadChain(kind, count, seconds, v6, inside);
            return chain.Name == name;
        }

        return false;
    }

    public NftChain Chain => new(ServiceTable.Table, Name);

    public IEnumerable<NftRule> Rules()
    {
        ServiceSets sets = ServiceTable.Sets(V6);
        NftSelector frontend = ServiceTable.Frontend(V6), client = V6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr;
        NftSet endpoints = Inside ? sets.InsideEndpoints : sets.Endpoints;
        switch (Kind)
        {
            case FrontendKind.Random:
                yield return new NftRule(Chain, Nft.Dnat(frontend.Dot(Nft.NumgenRandom((uint)Count)).Map(endpoints)));
                break;
            case FrontendKind.Hash or FrontendKind.Maglev:
                yield return new NftRule(Chain, Nft.Dnat(frontend.Dot(Nft.Jhash(client.Dot(Nft.Th.Sport), (uint)Count, Seed)).Map(endpoints)));
                break;
            case FrontendKind.Affinity:
                NftSelector key = frontend.Dot(client);
                ulong timeoutMs = AffinitySeconds * 1000UL;
                yield return new NftRule(Chain, Remembered(sets, timeoutMs));
                // Remembered, but gone: an update would keep the old number.
                yield return new NftRule(Chain, key.DeleteFrom(sets.Affinity));
                yield return new NftRule(Chain, Remember(sets, timeoutMs));
                yield return new NftRule(Chain, Remembered(sets, timeoutMs));
                // The map of clients is full: served, not remembered.
                yield return new NftRule(Chain, Unremembered(sets));
                break;
            default:
                throw new InvalidOperationException($"no chain spreads by {Kind}");
        }
    }

    /// <summary>To the remembered endpoint if it is still one, and its time begins anew. nft has no words for a key that holds a map's answer.</summary>
    /// <remarks>Words of the registers for IPv6: frontend 0-5, client 6-9, number 10, endpoint 11-15. All 16 are used.</remarks>
    private NftStatement Remembered(ServiceSets sets, ulong timeoutMs)
    {
        int address = V6 ? 4 : 1, frontend = address + 2, number = frontend + address, backend = number + 1;
        NftSet live = Inside ? sets.InsideLive : sets.Live;
        return Nft.Raw(
            $"dnat {(V6 ? "ip6" : "ip")} addr . port to frontend . (frontend . client map @{sets.Affinity.Name}) map @{live.Name} update @{sets.Affinity.Name} {{ timeout {timeoutMs / 1000}s }}",
            [
                .. Family(), .. LoadFrontend(), LoadClient(frontend),
                new NftLookup(sets.Affinity.Name, NftRegister.OfWord(0), NftRegister.OfWord(frontend)), Sized(frontend),
                new NftLookup(live.Name, NftRegister.OfWord(0), NftRegister.OfWord(backend)),
                LoadClient(frontend),
                new NftLookup(sets.Affinity.Name, NftRegister.OfWord(0), NftRegister.OfWord(number)), Sized(number),
                new NftDynset(sets.Affinity.Name, NfTablesUapi.NFT_DYNSET_OP_UPDATE, NftRegister.OfWord(0), NftRegister.OfWord(number), timeoutMs),
                Translate(backend),
            ]);
    }

    private NftStatement Remember(ServiceSets sets, ulong timeoutMs)
    {
        int address = V6 ? 4 : 1, frontend = address + 2, number = frontend + address;
        NftSet picks = Inside ? sets.InsidePicks : sets.Picks;
        return Nft.Raw(
            $"update @{sets.Affinity.Name} {{ frontend . client timeout {timeoutMs / 1000}s : frontend . numgen random mod {Count} map @{picks.Name} }}",
            [
                .. Family(), .. LoadFrontend(), new NftNumgen(NftRegister.OfWord(frontend), (uint)Count, NfTablesUapi.NFT_NG_RANDOM),
                new NftLookup(picks.Name, NftRegister.OfWord(0), NftRegister.OfWord(number)), Sized(number),
                LoadClient(frontend),
                new NftDynset(sets.Affinity.Name, NfTablesUapi.NFT_DYNSET_OP_UPDATE, NftRegister.OfWord(0), NftRegister.OfWord(number), timeoutMs),
            ]);
    }

    private NftStatement Unremembered(ServiceSets sets)
    {
        int address = V6 ? 4 : 1, frontend = address + 2, backend = frontend + 1;
        NftSet picks = Inside ? sets.InsidePicks : sets.Picks, live = Inside ? sets.InsideLive : sets.Live;
        return Nft.Raw(
            $"dnat {(V6 ? "ip6" : "ip")} addr . port to frontend . (frontend . numgen random mod {Count} map @{picks.Name}) map @{live.Name}",
            [
                .. Family(), .. LoadFrontend(), new NftNumgen(NftRegister.OfWord(frontend), (uint)Count, NfTablesUapi.NFT_NG_RANDOM),
                new NftLookup(picks.Name, NftRegister.OfWord(0), NftRegister.OfWord(frontend)), Sized(frontend),
                new NftLookup(live.Name, NftRegister.OfWord(0), NftRegister.OfWord(backend)),
                Translate(backend),
            ]);
    }

    /// <summary>Changes nothing, as <see cref="AffinityIds"/> have 31 bits: nft 1.0.6 dies while it lists a key whose part comes from a map, unless something gives it a length.</summary>
    private static NftBitwise Sized(int word) => new(NftRegister.OfWord(word), NftRegister.OfWord(word), NftBytes.U32(AffinityIds.Mask), NftBytes.U32(0));

    private NftExpression[] Family() =>
    [
        new NftMeta(NfTablesUapi.NFT_META_NFPROTO, NftRegister.First),
        new NftCmp(NftRegister.First, NfTablesUapi.NFT_CMP_EQ, NftBytes.U8(V6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4)),
    ];

    private NftExpression[] LoadFrontend()
    {
        int address = V6 ? 4 : 1;
        return
        [
            new NftPayload(NftRegister.OfWord(0), NfTablesUapi.NFT_PAYLOAD_NETWORK_HEADER, V6 ? 24u : 16, V6 ? 16u : 4),
            new NftMeta(NfTablesUapi.NFT_META_L4PROTO, NftRegister.OfWord(address)),
            new NftPayload(NftRegister.OfWord(address + 1), NfTablesUapi.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2),
        ];
    }

    private NftPayload LoadClient(int word) => new(NftRegister.OfWord(word), NfTablesUapi.NFT_PAYLOAD_NETWORK_HEADER, V6 ? 8u : 12, V6 ? 16u : 4);

    private NftNat Translate(int word) => new(
        NfTablesUapi.NFT_NAT_DNAT, V6 ? NfnetlinkUapi.NFPROTO_IPV6 : NfnetlinkUapi.NFPROTO_IPV4, NftRegister.OfWord(word), null, NftRegister.OfWord(word + (V6 ? 4 : 1)), null, 0);
}
