using System.Globalization;
using Twill.Linux.Nft;

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

    /// <remarks>
    /// Each look-up sees the latest commit, so a packet may come here by the old table and look for an endpoint in the new, which has one
    /// less. Then the first endpoint is taken; without it the packet is dropped and sent again by its sender. Going on untranslated would bind the connection to no
    /// endpoint for as long as conntrack remembers it.
    /// </remarks>
    public IEnumerable<NftRule> Rules()
    {
        ServiceSets sets = ServiceTable.Sets(V6);
        NftSelector frontend = ServiceTable.Frontend(V6), client = V6 ? Nft.Ip6.Saddr : Nft.Ip.Saddr;
        NftSelector first = frontend.Dot(Nft.NumgenRandom(1)); // nft has no words for a plain 0 in such a key
        NftSet endpoints = Inside ? sets.InsideEndpoints : sets.Endpoints;
        switch (Kind)
        {
            case FrontendKind.Random:
                yield return new NftRule(Chain, Nft.Dnat(frontend.Dot(Nft.NumgenRandom((uint)Count)).Map(endpoints)));
                yield return new NftRule(Chain, Nft.Dnat(first.Map(endpoints)));
                break;
            case FrontendKind.Hash or FrontendKind.Maglev:
                yield return new NftRule(Chain, Nft.Dnat(frontend.Dot(Nft.Jhash(client.Dot(Nft.Th.Sport), (uint)Count, Seed)).Map(endpoints)));
                yield return new NftRule(Chain, Nft.Dnat(first.Map(endpoints)));
                break;
            case FrontendKind.Affinity:
                // The number waits in the packet's class for queues until it is a part of a key: nft has no words for a map's answer within a key.
                NftSelector key = ServiceTable.Client(V6);
                NftNumberSelector number = Nft.Meta.Priority;
                ulong timeoutMs = AffinitySeconds * 1000UL;
                NftStatement pick = number.Set(frontend.Dot(Nft.NumgenRandom((uint)Count)).Map(Inside ? sets.InsidePicks : sets.Picks));
                NftStatement remember = key.UpdateIn(sets.Affinity, number, timeoutMs);
                NftStatement translate = Nft.Dnat(frontend.Dot(number).Map(Inside ? sets.InsideLive : sets.Live));
                var remembered = new NftRule(Chain, number.Set(key.Map(sets.Affinity)), remember, translate);
                yield return remembered;
                // Remembered, but gone: an update would keep the old number.
                yield return new NftRule(Chain, key.DeleteFrom(sets.Affinity, number));
                yield return new NftRule(Chain, pick, remember);
                // Another packet of the client may have been first: its endpoint holds for both.
                yield return remembered;
                // The map of clients is full: served, not remembered.
                yield return new NftRule(Chain, pick, translate);
                yield return new NftRule(Chain, number.Set(first.Map(Inside ? sets.InsidePicks : sets.Picks)), translate);
                break;
            default:
                throw new InvalidOperationException($"no chain spreads by {Kind}");
        }

        yield return new NftRule(Chain, Nft.Drop);
    }
}
