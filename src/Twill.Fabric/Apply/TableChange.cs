using Twill.Linux.Nft;

namespace Twill.Fabric.Apply;

/// <summary>Changes a table that several processes change: reads, decides, and commits only if nobody was in between.</summary>
internal static class TableChange
{
    /// <summary>Somebody else changed some ruleset between our reading and writing: again, at most this often.</summary>
    private const int MaxRaces = 64;

    /// <param name="nft">The socket that reads and writes.</param>
    /// <param name="table">For the words of a failure.</param>
    /// <param name="decide">Reads, fills the transaction, and says whether there is anything to do. Called again after each race.</param>
    /// <exception cref="FabricException">Busy: <see cref="MaxRaces"/> races were lost.</exception>
    internal static void Run(NftSocket nft, NftTable table, Func<NftTransaction, bool> decide)
    {
        for (int race = 0; race < MaxRaces; race++)
        {
            var transaction = new NftTransaction();
            transaction.Reset(nft.Generation());
            if (!decide(transaction)) return;
            NftOutcome outcome = nft.Commit(transaction);
            if (outcome.GenerationChanged) continue;
            outcome.ThrowIfFailed();
            return;
        }

        throw new FabricException(FabricFault.Busy, $"table {table} could not be changed: other nftables changes came in between {MaxRaces} times; try again");
    }
}
