using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>The contract on kube-apiserver and etcd from the folder that TWILL_KUBE_ASSETS names; it is started anew in the middle.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentRealKubeTests(RealApiServer real) : AgentKubeContract, IClassFixture<RealApiServer>
{
    internal override async Task<IContractServer> StartAsync(string folder)
    {
        if (RealApiServer.Missing is { } missing) Assert.Skip(missing);
        return await real.StartAsync();
    }

    internal override Task MisbehaveAsync(IContractServer server) => server.ForgetAsync();

    internal override Task SettleAsync(IContractServer server) => Task.CompletedTask;
}
