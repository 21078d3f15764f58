using Twill.Linux.Netlink;
using Twill.Linux.Nft;
using Twill.Linux.Uapi;
using Xunit;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Tests.Nftables;

/// <summary>Whatever the bytes: a value, or NetlinkProtocolException. Same seed, same mutations.</summary>
public sealed class MutationTests
{
    private const int Mutations = 20_000;

    public static TheoryData<byte> Parsers() => [NFT_MSG_NEWTABLE, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, NFT_MSG_NEWSET, NFT_MSG_NEWSETELEM, NFT_MSG_NEWGEN, NFT_MSG_TRACE];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Parser_MutatedMessages_GivesAValueOrAProtocolException(byte type)
    {
        List<byte[]> seeds = [.. Seeds(type)];
        Assert.NotEmpty(seeds);
        var random = new Random(20261120 + type);
        int values = 0, refusals = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = Mutate(random, seeds[random.Next(seeds.Count)]);
            try
            {
                ReadOnlySpan<byte> rest = bytes;
                while (NetlinkMessage.TryRead(ref rest, out NetlinkMessage message)) Parse(type, message);
                values++;
            }
            catch (NetlinkProtocolException)
            {
                refusals++;
            }
        }

        Assert.True(values > Mutations / 20 && refusals > Mutations / 100, $"{values} values, {refusals} refusals: the mutations are too tame or too wild");
    }

    private static void Parse(byte type, in NetlinkMessage message)
    {
        switch (type)
        {
            case NFT_MSG_NEWTABLE: _ = NftReader.Table(message).ToString(); break;
            case NFT_MSG_NEWCHAIN: _ = NftText.Line(NftReader.Chain(message)); break;
            case NFT_MSG_NEWRULE: _ = NftReader.Rule(message).ToString(); break;
            case NFT_MSG_NEWSET: _ = NftText.Line(NftReader.Set(message)); break;
            case NFT_MSG_NEWSETELEM:
                var raw = new List<NftReader.RawElement>();
                NftReader.Elements(message, raw, out _, out _);
                var set = new NftSet(new NftTable(NftFamily.Inet, "t"), "s", NftType.Ipv4Addr) { Data = NftType.Concat(NftType.Ipv4Addr, NftType.InetService) };
                foreach (NftElement element in NftReader.JoinRanges(raw, true)) _ = element.ToText(set);
                break;
            case NFT_MSG_NEWGEN: _ = NftReader.Event(message).ToString(); break;
            case NFT_MSG_TRACE: _ = NftTrace.Read(message).Packet; break;
        }
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        byte[] bytes = [.. seed];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(16, bytes.Length);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at & ~3] = (byte)random.Next(12); break; // a length of an attribute, often
                case 3: bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill(0xff); break;
                default:
                    if (at < 24) break;
                    bytes = bytes[..at]; // cut off, with a length that says so
                    BitConverter.TryWriteBytes(bytes, bytes.Length);
                    break;
            }
        }

        return bytes;
    }

    private static IEnumerable<byte[]> Seeds(byte type)
    {
        if (type is NFT_MSG_NEWGEN or NFT_MSG_TRACE)
        {
            yield return Made(type);
            yield break;
        }

        foreach (string name in CaptureFile.Names())
        {
            foreach (byte[] message in Messages(CaptureFile.Load(name).Dumped, type)) yield return message;
        }
    }

    private static List<byte[]> Messages(ReadOnlySpan<byte> bytes, byte type)
    {
        var found = new List<byte[]>();
        while (NetlinkMessage.TryRead(ref bytes, out NetlinkMessage message))
        {
            if (message.Type == ((NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8) | type)) found.Add(message.Bytes.ToArray());
        }

        return found;
    }

    private static byte[] Made(byte type)
    {
        var batch = new NetlinkBatch();
        batch.Reset(1);
        batch.Begin((ushort)((NfnetlinkUapi.NFNL_SUBSYS_NFTABLES << 8) | type), 0);
        batch.Header(new NfnetlinkUapi.NfGenMsg { Family = NfnetlinkUapi.NFPROTO_INET });
        if (type == NFT_MSG_NEWGEN)
        {
            batch.U32Be(NFTA_GEN_ID, 7);
            batch.U32Be(NFTA_GEN_PROC_PID, 4711);
            batch.String(NFTA_GEN_PROC_NAME, "nft");
            return batch.Bytes.ToArray();
        }

        batch.U32Be(NFTA_TRACE_ID, 99);
        batch.U32Be(NFTA_TRACE_TYPE, NFT_TRACETYPE_RULE);
        batch.String(NFTA_TRACE_TABLE, "twill");
        batch.String(NFTA_TRACE_CHAIN, "c");
        batch.U64Be(NFTA_TRACE_RULE_HANDLE, 5);
        int verdict = batch.BeginNest(NFTA_TRACE_VERDICT);
        batch.U32Be(NFTA_VERDICT_CODE, 0);
        batch.EndNest(verdict);
        batch.Binary(NFTA_TRACE_NETWORK_HEADER, Convert.FromHexString("4500001c000040004011000 07f0000017f000001".Replace(" ", "", StringComparison.Ordinal)));
        batch.Binary(NFTA_TRACE_TRANSPORT_HEADER, Convert.FromHexString("d431270f00080000"));
        return batch.Bytes.ToArray();
    }
}
