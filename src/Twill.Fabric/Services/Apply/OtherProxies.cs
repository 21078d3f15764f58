using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Apply;

/// <summary>Who else translates services on this node. Both may, as ours comes first; that it was meant so is for somebody to say.</summary>
/// <remarks>Rules of iptables-legacy are outside of nftables and not seen.</remarks>
public static class OtherProxies
{
    /// <summary>kube-proxy's table in its nftables mode, and the chain all its rules hang from in its iptables mode.</summary>
    private const string Table = "kube-proxy", Chain = "KUBE-SERVICES";

    /// <returns>"table ip kube-proxy", "chain ip nat KUBE-SERVICES"; empty: nobody.</returns>
    public static IReadOnlyList<string> Find(NftSocket nft)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (NftChain chain in nft.Chains())
        {
            if (chain.Table.Name == Table) found.Add($"table {chain.Table}");
            else if (chain.Name == Chain) found.Add($"chain {chain}");
        }

        return [.. found];
    }
}
