using System.Text;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Etcd.Grpc;
using Twill.Etcd.Wire;
using Twill.Fabric;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Etcd;

/// <summary>What stands in etcd: written and read back, newer and broken records refused with their key.</summary>
public sealed class RecordTests
{
    [Fact]
    public void Records_WrittenAndReadBack_AreTheSame()
    {
        var node = new NodeRecord("a", "m", [IpPrefix.Parse("192.168.1.11/24"), IpPrefix.Parse("fd01::11/64")], [IpPrefix.Parse("10.244.3.0/24")]);
        Assert.Equal("""{"schema":1,"name":"a","id":"m","addresses":["192.168.1.11/24","fd01::11/64"],"blocks":["10.244.3.0/24"]}""", Encoding.UTF8.GetString(node.ToJson()));
        Assert.Equal(node, NodeRecord.Parse("/twill/v1/nodes/a", node.ToJson()));
        const string Network = """{"schema":1,"pools":[{"cidr":"10.244.0.0/16","block":24,"reserved":["10.244.0.0/24"]}]}""";
        Assert.Equal(Network, Encoding.UTF8.GetString(NetworkRecord.Parse("k", Encoding.UTF8.GetBytes(Network)).ToJson()));
        Assert.Equal("a", OwnerRecord.Parse("k", new OwnerRecord("a").ToJson()).Node);
    }

    [Theory]
    [InlineData("""{"schema":2,"name":"a"}""", "\"schema\" was written by a newer version (schema 2, this one knows 1): upgrade this node")]
    [InlineData("""{"schema":1,"name":"b"}""", "the record inside is of node \"b\"")]
    [InlineData("""{"name":"a","addresses":["nowhere"]}""", "\"addresses\" is no address with a prefix length")]
    [InlineData("""{"name":"a","blocks":["10.244.3.1/24"]}""", "block 10.244.3.1/24 has host bits set")]
    [InlineData("""{"name":"a","blocks":"x"}""", "\"blocks\" is no list")]
    [InlineData("""{"name":7}""", "\"name\" is no text")]
    [InlineData("""{"name":"a"} x""", "is not JSON")]
    [InlineData("""{"name":"a" """, "is not JSON")]
    [InlineData("[]", "is no JSON object")]
    public void Node_ThatCannotBe_IsRefusedWithKeyAndField(string json, string words)
    {
        FabricException e = Assert.Throws<FabricException>(() => NodeRecord.Parse("/twill/v1/nodes/a", Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith("etcd key /twill/v1/nodes/a: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Network_WithPoolsThatOverlap_IsRefusedWithBoth()
    {
        FabricException e = Assert.Throws<FabricException>(() => NetworkRecord.Parse("k", """{"pools":[{"cidr":"10.0.0.0/8","block":24},{"cidr":"10.244.0.0/16","block":24}]}"""u8));
        Assert.Contains("10.0.0.0/8 and 10.244.0.0/16 overlap", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.244.3.0/24", "/twill/v1/blocks/10.244.3.0-24")]
    [InlineData("fd00:10::/64", "/twill/v1/blocks/fd00:10::-64")]
    public void Keys_OfBlocks_ThereAndBack(string block, string key)
    {
        var keys = new RegistryKeys();
        Assert.Equal(key, keys.Block(IpPrefix.Parse(block)));
        Assert.Equal(IpPrefix.Parse(block), keys.BlockOf(key));
        Assert.Null(keys.BlockOf("/twill/v1/blocks/x-24"));
        Assert.Null(keys.BlockOf("/twill/v1/nodes/10.244.3.0-24"));
    }

    [Theory]
    [InlineData("", "no endpoint")]
    [InlineData("ftp://10.0.0.1", "is not an endpoint")]
    [InlineData("http://10.0.0.1:2379/v3", "is not an endpoint")]
    public void Options_WithoutAUsableEndpoint_AreRefused(string endpoint, string words)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new EtcdClient(new EtcdOptions { Endpoints = endpoint.Length == 0 ? [] : [new Uri(endpoint)] }));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000000005aabb", "ends after 2 of a message's 5 bytes")]
    [InlineData("000000", "ends inside a message's prefix")]
    [InlineData("0100000001aa", "compressed")]
    [InlineData("007fffffff", "at most 100 are taken in")]
    public async Task Frame_ThatCannotBe_SaysWhy(string hex, string words)
    {
        ProtoException e = await Assert.ThrowsAsync<ProtoException>(async () => await GrpcFrame.ReadAsync(new MemoryStream(Convert.FromHexString(hex)), 100, default));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }
}
