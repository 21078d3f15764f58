using Twill.Agent.Registry;
using Twill.Etcd;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>What the conditions of a claim are for: the same claims without them.</summary>
public sealed class NegativeControlTests : IClassFixture<OneMember>
{
    private readonly EtcdClient _client;

    public NegativeControlTests(OneMember member) => _client = member.Client;

    /// <summary>Two nodes decide upon one view, as all that start at once do.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Claim_OfOneViewByTwo_IsOneBlockOfTwoNodesOnlyWithoutItsConditions(bool conditions, int winners)
    {
        var keys = new RegistryKeys($"/{conditions}/");
        var registry = new NodeRegistry(_client, $"/{conditions}/");
        await registry.EnsureNetworkAsync(Nodes.Network("10.244.0.0/16 24"));
        NodeClaim[] claims = [Nodes.Claim("a", "192.168.1.11/24"), Nodes.Claim("b", "192.168.1.12/24")];
        RegistryView[] views = [await ViewAsync(claims[0]), await ViewAsync(claims[1])];
        int succeeded = 0;
        for (int i = 0; i < 2; i++)
        {
            var decision = Assert.IsType<ClaimDecision.Write>(ClaimPlan.Decide(views[i], claims[i], 0));
            Transaction claim = registry.Claim(views[i], decision);
            if ((await _client.CommitAsync(conditions ? claim : claim with { If = [] })).Succeeded) succeeded++;
        }

        Assert.Equal(winners, succeeded);
        EtcdResult.Range nodes = await _client.RangeAsync(new EtcdOperation.Range(KeyRange.Prefix(keys.Nodes)));
        Assert.Equal(winners, nodes.Entries.Select(e => NodeRecord.Parse(e.KeyText, e.Value.Span)).Count(n => n.Blocks[0].ToString() == "10.244.0.0/24"));

        async Task<RegistryView> ViewAsync(NodeClaim claim)
        {
            TransactionResult result = await _client.CommitAsync(new Transaction { Success = RegistryView.Reads(keys, claim) });
            return RegistryView.Parse(keys, claim, result.Results);
        }
    }
}
