using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>The contract, kept by kube-apiserver and etcd from the folder that TWILL_KUBE_ASSETS names.</summary>
public sealed class RealContractTests(RealApiServer real) : KubeContract, IClassFixture<RealApiServer>
{
    internal override async Task<IContractServer> StartAsync()
    {
        if (RealApiServer.Missing is { } missing)
            Assert.Skip(missing);
        return await real.StartAsync();
    }
}
