using Twill.Agent.LoadBalancers;
using Twill.Agent.Registry;
using Twill.Etcd;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>Services are put into a real etcd, where agents give them addresses.</summary>
public sealed class ServiceRegistryTests(OneMember member) : IClassFixture<OneMember>
{
    private static readonly IpAddress s_given = IpAddress.Parse("192.168.1.240");

    private readonly EtcdClient _client = member.Client;
    private readonly string _root = $"/s{Guid.NewGuid():N}/";

    public static TheoryData<string?, bool> Wishes => new() { { "", true }, { "192.168.1.240", true }, { "192.168.1.241", false }, { "192.168.1.240,192.168.1.241", false }, { null, false } };

    /// <param name="asked">Null: no address of a pool is wanted any more.</param>
    [Theory]
    [MemberData(nameof(Wishes))]
    public async Task Put_Again_KeepsTheAddressThatWasGiven_IfItIsStillWhatIsWanted(string? asked, bool kept)
    {
        var registry = new ServiceRegistry(_client, _root);
        ServiceDescription first = Service("");
        await registry.PutAsync(first);
        Assert.True(await new EtcdGrantStore(_client, _root).TryGrantAsync(first, [s_given], TestContext.Current.CancellationToken));

        ServiceDescription again = await registry.PutAsync(Service(asked));
        ServiceDescription there = Assert.Single(await registry.ListAsync());
        Assert.Equal(kept ? [s_given] : [], there.LoadBalancerIps);
        Assert.Equal(there.LoadBalancerIps, again.LoadBalancerIps);
        Assert.Equal(asked is not null, there.WantsLoadBalancer);
    }

    [Fact]
    public async Task Put_OverARecordThatNobodyCanRead_ReplacesIt()
    {
        await _client.PutAsync(new EtcdOperation.Put(new RegistryKeys(_root).Service("default", "web"), "not a service"u8.ToArray()), TestContext.Current.CancellationToken);
        var registry = new ServiceRegistry(_client, _root);
        await registry.PutAsync(Service(""));
        Assert.Equal("default/web", Assert.Single(await registry.ListAsync()).ToString());
    }

    /// <summary>A grant in the middle is seen: the one who compares last starts again.</summary>
    [Fact]
    public async Task Put_ByManyAtOnceWithGrantsBetween_LosesNoGrant()
    {
        var registry = new ServiceRegistry(_client, _root);
        await registry.PutAsync(Service(""));
        var grants = new EtcdGrantStore(_client, _root);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            for (int n = 0; n < 5; n++) await registry.PutAsync(Service(""));
        }).Append(Task.Run(async () =>
        {
            while (!await grants.TryGrantAsync(Service(""), [s_given], CancellationToken.None))
            {
            }
        })));
        Assert.Equal([s_given], Assert.Single(await registry.ListAsync()).LoadBalancerIps);
    }

    private static ServiceDescription Service(string? asked) => new()
    {
        Namespace = "default",
        Name = "web",
        Ports = [new ServicePort("", ServiceProtocol.Tcp, 80)],
        WantsLoadBalancer = asked is not null,
        ClusterIps = [IpAddress.Parse("10.96.0.10")],
        RequestedLoadBalancerIps = [.. (asked ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(a => IpAddress.Parse(a))],
    };
}
