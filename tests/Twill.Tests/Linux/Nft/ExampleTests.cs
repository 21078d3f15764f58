using Twill.Linux.Nft;
using Xunit;

namespace Twill.Tests.Nftables;

public sealed class ExampleTests
{
    /// <summary>As nft 1.0.6 wrote it for: nft add map inet t a '{ typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport; }'.</summary>
    [Fact]
    public void Bytes_OfAMapKeyAndData_AreThoseOfNft()
    {
        NftExample key = NftExample.Concat(NftExample.IpDaddr, NftExample.MetaL4Proto, NftExample.ThDport, NftExample.Number);
        Assert.Equal(
            "00040d00000001580014000407000000010c00040c00000001040c000000010e00040900000001060004100000000214000407000000010c00040b000000010402000000031a0004170000000112000401000000010402000000020400000000",
            Convert.ToHexStringLower(key.Bytes()));
        Assert.Equal(0x001cc344u, key.Type.Id);
        Assert.Equal("00040d000000012c0014000407000000010c00040d0000000104090000000114000407000000010c00040b000000010402000000", Convert.ToHexStringLower(NftExample.Concat(NftExample.Ip6Daddr, NftExample.ThDport).Bytes()));
        Assert.Equal("0004090000000106000402000000", Convert.ToHexStringLower(NftExample.MetaPriority.Bytes()));
    }

    [Fact]
    public void Line_OfAMapWithExamples_SaysTypeof()
    {
        var map = new NftSet(new NftTable(NftFamily.Inet, "t"), "a", NftExample.Number.Type) { Data = NftType.ClassId, KeyExample = NftExample.Number, DataExample = NftExample.MetaPriority };
        Assert.Equal("add map inet t a { typeof numgen random mod 2 : meta priority; }", NftText.Line(map));
        Assert.Equal(["1:2", "4000:", ":10", "none", "root"], ((uint[])[0x00010002, 0x40000000, 0x10, 0, uint.MaxValue]).Select(c => NftType.ClassId.Format(BitConverter.GetBytes(c))));
    }
}
