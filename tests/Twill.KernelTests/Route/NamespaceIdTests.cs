using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Route;

[Collection(KernelCollection.Name)]
public sealed class NamespaceIdTests : IClassFixture<LeakCheck>, IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Fact]
    public void Id_GivenOnce_IsFoundAndListed()
    {
        Assert.Null(_box.Host.NamespaceId(_box.PodNamespace));
        Assert.True(_box.Host.TryAddNamespaceId(_box.PodNamespace, 42));
        Assert.False(_box.Host.TryAddNamespaceId(_box.PodNamespace, 43));
        Assert.Equal(42, _box.Host.NamespaceId(_box.PodNamespace));
        Assert.Equal([42], _box.Host.NamespaceIds());
        VethPair pair = _box.Wire();
        Assert.Equal(42, _box.Host.GetLink(pair.Index).LinkNamespaceId);
    }

    [Fact]
    public void Id_OfAPeersNamespace_IsChosenByTheKernel()
    {
        VethPair pair = _box.Wire();
        Assert.Equal(_box.Host.GetLink(pair.Index).LinkNamespaceId, _box.Host.NamespaceId(_box.PodNamespace));
    }
}
