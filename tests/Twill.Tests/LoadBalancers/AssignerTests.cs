using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.LoadBalancers;

/// <summary>Who gives services their addresses, and which; a store in memory, and a clock that the test turns.</summary>
public sealed class AssignerTests
{
    private static readonly IReadOnlyList<IpPrefix> s_pools = [IpPrefix.Parse("192.168.1.192/27")];
    private static readonly string[] s_nodes = ["a", "b"];

    private readonly Store _store = new();
    private readonly List<string> _told = [];

    [Fact]
    public async Task Look_OneOfTwoNodesAssigns_AndTheOtherWhenItIsSilent()
    {
        _store.Add(Wanting("web"));
        LoadBalancerAssigner first = Assigner("a"), second = Assigner("b");
        long now = 0;
        for (int i = 0; i < 10; i++, now += LoadBalancerAssigner.LookMs)
        {
            await Look(first, now);
            await Look(second, now);
        }

        Assert.Equal("default/web 192.168.1.192", _store.ToString());
        string holder = _store.Seat!.Holder;
        Assert.Equal(1, _store.Grants);

        // Of the two the one that has the seat is dead from here on.
        _store.Add(Wanting("shop"));
        LoadBalancerAssigner alive = holder == "a" ? second : first;
        for (long silent = 0; silent < LeaseTimes.TakeOverMs - LoadBalancerAssigner.LookMs; silent += LoadBalancerAssigner.LookMs, now += LoadBalancerAssigner.LookMs) await Look(alive, now);
        Assert.Equal(1, _store.Grants);
        for (int i = 0; i < 5; i++, now += LoadBalancerAssigner.LookMs) await Look(alive, now);
        Assert.Equal("default/shop 192.168.1.193; default/web 192.168.1.192", _store.ToString());
        Assert.NotEqual(holder, _store.Seat.Holder);
    }

    [Fact]
    public async Task Look_RequestsAreHonoured_OrRefusedWithTheReasonOnce_AndWhatOthersGaveIsLeft()
    {
        _store.Add(Wanting("a") with { RequestedLoadBalancerIps = [IpAddress.Parse("192.168.1.200")] });
        _store.Add(Wanting("b") with { RequestedLoadBalancerIps = [IpAddress.Parse("192.168.1.200")] });
        _store.Add(Wanting("c") with { RequestedLoadBalancerIps = [IpAddress.Parse("10.0.0.1")] });
        _store.Add(Wanting("cloud") with { LoadBalancerIps = [IpAddress.Parse("203.0.113.7")] });
        _store.Add(Wanting("none") with { WantsLoadBalancer = false });
        LoadBalancerAssigner assigner = Assigner("a");
        for (int i = 0; i < 6; i++) await Look(assigner, i * LoadBalancerAssigner.LookMs);
        Assert.Equal("default/a 192.168.1.200; default/b ; default/c ; default/cloud 203.0.113.7; default/none ", _store.ToString());
        Assert.Contains("load balancer: service default/a has 192.168.1.200", _told);
        Assert.Single(_told, t => t.StartsWith("load balancer: service default/b: 192.168.1.200 belongs to service default/a", StringComparison.Ordinal));
        Assert.Single(_told, t => t.StartsWith("load balancer: service default/c: 10.0.0.1 is in no pool", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Look_NobodyWantsAny_TheSeatIsGivenBack_AndNothingIsAsked()
    {
        LoadBalancerAssigner assigner = Assigner("a");
        await Look(assigner, 0);
        Assert.Equal(0, _store.Calls);
        _store.Add(Wanting("web"));
        for (int i = 1; i < 6; i++) await Look(assigner, i * LoadBalancerAssigner.LookMs);
        Assert.Equal("a", _store.Seat!.Holder);
        _store.Clear();
        await Look(assigner, 3000);
        Assert.Equal("", _store.Seat.Holder);
        int calls = _store.Calls;
        await Look(assigner, 3400);
        Assert.Equal(calls, _store.Calls);
    }

    [Fact]
    public async Task Look_StoreIsAway_IsToldOnce_AndAfterwardsItGoesOn()
    {
        _store.Add(Wanting("web"));
        _store.Away = true;
        LoadBalancerAssigner assigner = Assigner("a");
        for (int i = 0; i < 4; i++) await Look(assigner, i * LoadBalancerAssigner.LookMs);
        Assert.Equal(["load balancer: cannot give services addresses: away"], _told);
        _store.Away = false;
        for (int i = 4; i < 12; i++) await Look(assigner, i * LoadBalancerAssigner.LookMs);
        Assert.Equal("default/web 192.168.1.192", _store.ToString());
    }

    private LoadBalancerAssigner Assigner(string node) => new(node, s_pools, _store, _store, e => _told.Add(e.ToString()));

    private Task Look(LoadBalancerAssigner assigner, long nowMs) => assigner.LookAsync(_store.Services, s_nodes, nowMs, TestContext.Current.CancellationToken);

    private static ServiceDescription Wanting(string name) => new() { Namespace = "default", Name = name, ClusterIps = [IpAddress.Parse("10.96.0.10")], WantsLoadBalancer = true };

    private sealed class Store : ILeaseStore, IGrantStore
    {
        private readonly SortedDictionary<string, ServiceDescription> _services = new(StringComparer.Ordinal);

        internal bool Away { get; set; }

        internal int Calls { get; private set; }

        internal int Grants { get; private set; }

        internal LeaseRecord? Seat { get; private set; }

        internal IReadOnlyList<ServiceDescription> Services => [.. _services.Values];

        internal void Add(ServiceDescription service) => _services[service.ToString()] = service;

        internal void Clear() => _services.Clear();

        public Task<LeaseRecord?> ReadAsync(IpAddress address, CancellationToken cancel)
        {
            Call(address);
            return Task.FromResult(Seat);
        }

        public Task<LeaseRecord?> TryWriteAsync(IpAddress address, string holder, LeaseRecord? seen, CancellationToken cancel)
        {
            Call(address);
            if (seen != Seat) return Task.FromResult<LeaseRecord?>(null);
            Seat = new LeaseRecord(holder, (Seat?.Version ?? 0) + 1);
            return Task.FromResult<LeaseRecord?>(Seat);
        }

        public Task<bool> TryGrantAsync(ServiceDescription service, IReadOnlyList<IpAddress> addresses, CancellationToken cancel)
        {
            Grants++;
            _services[service.ToString()] = service with { LoadBalancerIps = addresses };
            return Task.FromResult(true);
        }

        public override string ToString() => string.Join("; ", _services.Values.Select(s => $"{s} {string.Join(',', s.LoadBalancerIps)}"));

        private void Call(IpAddress address)
        {
            Calls++;
            Assert.Equal(LoadBalancerAssigner.Seat, address);
            if (Away) throw new LeaseStoreException("away", new TimeoutException());
        }
    }
}
