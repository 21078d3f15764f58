using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.KernelTests.Nftables;
using Xunit;

namespace Twill.KernelTests.Services;

/// <summary>An administrator's nft reads what we wrote, and can load again what it printed; so it does with what a plan prints.</summary>
[Collection(KernelCollection.Name)]
public sealed class ServiceTextTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Text_LoadedByNft_HoldsTheElementsOfThePlan()
    {
        ServicePlan plan = ServiceCompiler.Compile(ServiceWriterTests.EveryKind());
        using var sandbox = new NftSandbox();
        sandbox.Script(plan.ToString());
        AssertHolds(sandbox, plan);
    }

    [Fact]
    public void Written_EveryKind_IsListedByNft_AndLoadsAgain()
    {
        ServiceSnapshot snapshot = ServiceWriterTests.EveryKind();
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        writer.Write(snapshot);
        string listed = sandbox.Nft("list", "ruleset");
        foreach (string word in (string[])["10.96.0.1 . tcp . 80", "masquerade fully-random", "update @affinity4", "update @affinity6", "timeout 3h", "jhash", "numgen random", "203.0.113.6 . tcp . 80 . 198.51.100.0/24", "192.0.2.1 . tcp . 30080", "fd00:96::4 . tcp . 80"])
            Assert.Contains(word, listed, StringComparison.Ordinal);
        sandbox.Nft("flush", "ruleset");
        sandbox.Script(listed);
        AssertHolds(sandbox, ServiceCompiler.Compile(snapshot));
    }

    /// <summary>Elements and chains; in rules nft takes other registers here and there.</summary>
    private static void AssertHolds(NftSandbox sandbox, ServicePlan plan)
    {
        using var writer = new ServiceWriter(sandbox.Namespace);
        ServiceDifference difference = ServiceDifference.From(writer.Content(), plan.Chains.Select(c => c.Name).ToHashSet(), plan);
        Assert.True(difference.IsEmpty, $"{difference.Count}");
        int rules = plan.Chains.Sum(c => c.Rules().Count()) + ServiceTable.Rules.Count;
        Assert.Equal(rules, sandbox.Socket.Rules(ServiceTable.Table).Length);
    }
}
