using Twill.Linux.Netlink;
using Twill.Linux.Netns;
using Twill.Linux.Sys;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

/// <summary>nftables of one network namespace, spoken over nfnetlink. One thread at a time.</summary>
/// <remarks>No nft program and no libnftables is needed; what is made here looks in `nft list ruleset` as if nft had made it.</remarks>
public sealed partial class NftSocket : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly NftTransaction _transaction = new();

    private NftSocket(NetlinkSocket socket) => _socket = socket;

    public int DescriptorNumber => _socket.DescriptorNumber;

    /// <summary>Transactions sent so far.</summary>
    public long Changes { get; private set; }

    /// <inheritdoc cref="NetlinkSocket.Interruptions"/>
    public long Interruptions => _socket.Interruptions;

    /// <param name="network">Null: the calling thread's namespace.</param>
    /// <exception cref="LinuxException">EPROTONOSUPPORT: the kernel has no nfnetlink.</exception>
    public static NftSocket Open(NetworkNamespace? network = null) => new(NetlinkSocket.Open(NetlinkUapi.NETLINK_NETFILTER, network));

    /// <summary>Tables that it owns go with it.</summary>
    public void Dispose() => _socket.Dispose();

    /// <summary>The socket's own transaction, emptied; or make one that outlives this call by new.</summary>
    /// <param name="expectedGeneration">See <see cref="NftTransaction.Reset"/>.</param>
    public NftTransaction NewTransaction(uint? expectedGeneration = null) => _transaction.Reset(expectedGeneration);

    /// <summary>Sends the transaction; all of it takes effect, or nothing.</summary>
    /// <returns>Success, or the first refused step, named.</returns>
    public NftOutcome Commit(NftTransaction transaction)
    {
        var reader = default(NoReader);
        Changes++;
        return transaction.Explain(_socket.ExecuteAndDrain(transaction.Finish(), ref reader));
    }

    /// <summary>Deletes the table with everything in it. Fine if absent, on any kernel.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="NetlinkException">EPERM: another socket owns it.</exception>
    public bool RemoveTable(NftTable table)
    {
        NftOutcome outcome = Commit(NewTransaction().DeleteTable(table));
        if (outcome.Errno == Errno.ENOENT) return false;
        outcome.ThrowIfFailed();
        return true;
    }

    /// <summary>Counts every committed transaction of the namespace, never 0. Allocates nothing.</summary>
    /// <remarks>Read it, then the rules, then commit with it: a transaction that expects it fails if anything changed since.</remarks>
    public uint Generation()
    {
        var reader = default(GenerationReader);
        NetlinkOutcome outcome = _socket.Query(Request(NFT_MSG_GETGEN, NftFamily.Unspecified, 0), ref reader);
        outcome.ThrowIfFailed("cannot read the nftables generation");
        return reader.Id;
    }

    private NetlinkBatch Request(byte message, NftFamily family, ushort flags)
    {
        NetlinkBatch batch = _socket.NewBatch();
        batch.Begin((ushort)((NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8) | message), flags);
        batch.Header(new NfnetlinkUapi.NfGenMsg { Family = (byte)family, Version = NfnetlinkUapi.NFNETLINK_V0 });
        return batch;
    }

    private struct GenerationReader : INetlinkReader
    {
        internal uint Id;

        public readonly void Restart()
        {
        }

        public void Read(in NetlinkMessage message)
        {
            AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
            while (attributes.Next())
            {
                if (attributes.Type == NFTA_GEN_ID) Id = attributes.U32Be();
            }
        }
    }
}
