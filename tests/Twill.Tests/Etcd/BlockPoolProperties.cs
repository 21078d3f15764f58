using FsCheck;
using FsCheck.Fluent;
using Twill.Fabric;
using Twill.Fabric.Ipam;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>The choice of blocks against a model that simply tries every block.</summary>
public sealed class BlockPoolProperties
{
    private static readonly Gen<IpPrefix> s_near =
        from length in Gen.Choose(20, 30)
        from offset in Gen.Choose(-512, 8192)
        select new IpPrefix(IpAddress.V4((uint)(0x0a000000 + offset)), length).Network;

    private static readonly Gen<BlockPool> s_pool =
        from length in Gen.Choose(20, 26)
        from more in Gen.Choose(0, 4)
        from reserved in s_near.ListOf()
        let cidr = new IpPrefix(IpAddress.V4(0x0a000000), length).Network
        select BlockPool.Create(cidr, length + more, [.. reserved.Where(cidr.Overlaps).Take(3)]);

    [Fact]
    public void Choose_OfAnyPool_IsTheOneThatTryingAllFinds() => Prop.ForAll(
        (from pool in s_pool from taken in s_near.ListOf() from skip in Gen.Choose(0, 100) select (pool, taken: taken.ToArray(), skip)).ToArbitrary(),
        c =>
        {
            List<IpPrefix> free = [];
            for (ulong i = 0; i < c.pool.Count; i++)
            {
                if (!c.taken.Concat(c.pool.Reserved).Any(t => t.Overlaps(c.pool[i]))) free.Add(c.pool[i]);
            }

            IpPrefix? chosen = c.pool.Choose(c.taken, (ulong)c.skip);
            return c.pool.CountFree(c.taken) == (ulong)free.Count && chosen == (free.Count == 0 ? null : free[c.skip % free.Count]) && (chosen is not { } block || c.pool.WhyNot(block) is null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Choose_AgainAndAgain_GivesEveryBlockOnce_ThenNone()
    {
        BlockPool pool = BlockPool.Create(IpPrefix.Parse("10.244.0.0/20"), 26, [IpPrefix.Parse("10.244.0.0/25"), IpPrefix.Parse("10.244.3.7/32")]);
        var taken = new List<IpPrefix>();
        for (ulong skip = 0; pool.Choose(taken, skip * 7919) is { } block; skip++)
        {
            Assert.DoesNotContain(taken, t => t.Overlaps(block));
            taken.Add(block);
        }

        Assert.Equal(64 - 3, taken.Count);
    }

    [Fact]
    public void Choose_FromAnIPv6PoolOf2To32_TakesNoTime()
    {
        BlockPool pool = BlockPool.Create(IpPrefix.Parse("fd00::/32"), 64);
        Assert.Equal(1UL << 32, pool.Count);
        Assert.Equal("fd00:0:0:1::/64", pool.Choose([IpPrefix.Parse("fd00::/64")]).ToString());
        Assert.Equal("fd00:0:ffff:ffff::/64", pool[pool.Count - 1].ToString());
        Assert.Null(pool.Choose([IpPrefix.Parse("fd00::/16")]));
    }

    [Theory]
    [InlineData("10.244.0.1/16", 24, "", "host bits")]
    [InlineData("10.244.0.0/16", 15, "", "do not fit")]
    [InlineData("10.244.0.0/16", 31, "", "choose a length from 16 to 30")]
    [InlineData("fd00::/8", 64, "", "more than 2^32 blocks")]
    [InlineData("10.244.0.0/16", 24, "10.245.0.0/24", "is not in cluster range")]
    public void Create_OfAPoolThatCannotBe_SaysWhy(string cidr, int length, string reserved, string words)
    {
        FabricException e = Assert.Throws<FabricException>(() => BlockPool.Create(IpPrefix.Parse(cidr), length, reserved.Length == 0 ? [] : [IpPrefix.Parse(reserved)]));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }
}
