using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.KernelTests.Nftables;
using Xunit;

namespace Twill.KernelTests.Services;

[Collection(KernelCollection.Name)]
public sealed class ServiceTextTests : IClassFixture<LeakCheck>
{
    /// <summary>Without affinity, for which nft has no words.</summary>
    [Fact]
    public void Text_LoadedByNft_HoldsTheElementsOfThePlan()
    {
        ServiceSnapshot all = ServiceWriterTests.EveryKind();
        ServiceSnapshot snapshot = all with { Services = [.. all.Services.Where(s => s.AffinitySeconds == 0)] };
        using var sandbox = new NftSandbox();
        sandbox.Script(ServiceCompiler.Compile(snapshot).ToString());
        using var writer = new ServiceWriter(sandbox.Namespace);
        ServicePlan plan = ServiceCompiler.Compile(snapshot);
        ServiceDifference difference = ServiceDifference.From(writer.Content(), plan.Chains.Select(c => c.Name).ToHashSet(), plan);
        Assert.True(difference.IsEmpty, $"{difference.Count}");
        Assert.Contains("masquerade fully-random", sandbox.Nft("list", "table", "inet", "twill-services"), StringComparison.Ordinal);
    }

    [Fact]
    public void Written_WithoutAffinity_IsListedByNft()
    {
        ServiceSnapshot all = ServiceWriterTests.EveryKind();
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        writer.Write(all with { Services = [.. all.Services.Where(s => s.AffinitySeconds == 0)] });
        Assert.Contains("10.96.0.1 . tcp . 80", sandbox.Nft("list", "table", "inet", "twill-services"), StringComparison.Ordinal);
    }
}
