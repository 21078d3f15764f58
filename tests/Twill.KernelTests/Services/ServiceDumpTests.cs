using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Compile;
using Twill.Fabric.Services.Model;
using Twill.KernelTests.Nftables;
using Twill.Linux.Nft.Expressions;
using Twill.Tests.Services;
using Xunit;

namespace Twill.KernelTests.Services;

[Collection(KernelCollection.Name)]
public sealed class ServiceDumpTests : IClassFixture<LeakCheck>
{
    [Fact]
    public void Dump_OfRandomServices_SendsEachPacketWhereKubeProxyWould()
    {
        using var sandbox = new NftSandbox();
        using var writer = new ServiceWriter(sandbox.Namespace);
        for (int seed = 11; seed < 15; seed++)
        {
            List<ServiceDescription> services = RandomServices.Make(new Random(seed), 12);
            writer.Write(new ServiceSnapshot(RandomServices.Node, services));
            Dictionary<string, IReadOnlyList<NftExpression[]>> chains = sandbox.Socket.Rules(ServiceTable.Table).GroupBy(r => r.Chain.Name)
                .ToDictionary(g => g.Key, g => (IReadOnlyList<NftExpression[]>)[.. g.Select(r => r.Expressions.ToArray())]);
            int round = 0;
            var tracer = new PacketTracer(chains, [.. writer.Content().Select(e => (e.Set.Name, e.Element))], modulus => (uint)(round++ % modulus));
            foreach (TracedPacket packet in ServiceOracle.Packets(services, RandomServices.Node))
            {
                HashSet<string> expected = ServiceOracle.Expect(services, RandomServices.Node, packet);
                string end = tracer.Walk("services", packet);
                Assert.True(expected.Contains(end), $"seed {seed}: {packet}: {end}, not {string.Join(" | ", expected)}");
            }
        }
    }
}
