using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.KernelTests.Agent;

/// <summary>The contract on the server of this process, which drops, doubles, reorders and delays events, cuts streams and answers 410 and 500.</summary>
[Collection(KernelCollection.Name)]
public sealed class AgentFakeKubeTests : AgentKubeContract, IClassFixture<LeakCheck>
{
    private const int Seed = 4711;

    internal override Task<IContractServer> StartAsync(string folder) => Task.FromResult<IContractServer>(new FakeContractServer(folder));

    internal override Task MisbehaveAsync(IContractServer server)
    {
        ((FakeContractServer)server).Server.Faults = new FaultPlan(Seed, [Fault.Drop, Fault.Duplicate, Fault.Reorder, Fault.Delay, Fault.Truncate, Fault.Cut, Fault.Garbage], [Fault.ServerError, Fault.Busy, Fault.Stale], 3) { GoneEvery = 4 };
        return Task.CompletedTask;
    }

    internal override Task SettleAsync(IContractServer server)
    {
        ((FakeContractServer)server).Server.Faults = FaultPlan.None;
        return server.ForgetAsync();
    }
}
