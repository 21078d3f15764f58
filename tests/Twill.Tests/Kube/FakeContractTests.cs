using Twill.Tests.Kube.Server;

namespace Twill.Tests.Kube;

/// <summary>The contract, kept by the server in this process.</summary>
public sealed class FakeContractTests : KubeContract
{
    internal override Task<IContractServer> StartAsync() => Task.FromResult<IContractServer>(new FakeContractServer());
}
