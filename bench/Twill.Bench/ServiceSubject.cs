using System.Diagnostics;
using System.Text;
using Twill.Fabric.Services.Apply;
using Twill.Fabric.Services.Model;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>One way to have services on a node.</summary>
internal abstract class ServiceSubject(string name) : IDisposable
{
    internal const int PatienceMs = 60_000;

    internal string Name => name;

    internal ServiceBenchNet Net { get; } = new();

    /// <summary>Null: it did not end in time.</summary>
    internal double? ProgrammedMs { get; private set; }

    internal long ProgrammedBytes { get; private set; }

    internal List<double> ChangeMs { get; } = [];

    internal long ChangeBytes { get; private set; }

    internal static EndpointDescription Endpoint(IpAddress address) => new() { Address = address, Ports = new Dictionary<string, ushort> { [""] = 8080 } };

    internal void Program(ServiceDescription[] services)
    {
        (bool done, double ms, long bytes) = Write(services, null);
        ProgrammedMs = done ? ms : null;
        ProgrammedBytes = bytes;
    }

    internal void Change(ServiceDescription[] services, int at)
    {
        (bool done, double ms, long bytes) = Write(services, at);
        if (!done) throw new BenchException($"{Name}: one endpoint more took longer than {PatienceMs} ms");
        ChangeMs.Add(ms);
        ChangeBytes += bytes;
    }

    /// <param name="changed">The service that has an endpoint more; null: all are new.</param>
    protected abstract (bool Done, double Ms, long Bytes) Write(ServiceDescription[] services, int? changed);

    /// <summary>The text is made before the clock starts: a proxy may keep it.</summary>
    protected (bool Done, double Ms, long Bytes) Run(string program, string[] arguments, StringBuilder text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        long start = Stopwatch.GetTimestamp();
        ChildProcess.Outcome outcome = Net.Node.Run(() => ChildProcess.Run(program, arguments, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], bytes, PatienceMs));
        double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (ms < PatienceMs && outcome.ExitCode != 0) throw new BenchException($"{program}: {outcome.ErrorText}");
        return (ms < PatienceMs, ms, bytes.Length);
    }

    public virtual void Dispose() => Net.Dispose();
}

/// <summary>This project's.</summary>
internal sealed class TwillServices : ServiceSubject
{
    private static readonly ServiceNode s_node = new() { Name = "n1" };
    private readonly ServiceKeeper _keeper;

    internal TwillServices()
        : base("Twill")
        => _keeper = new ServiceKeeper(null, Net.Node);

    public override void Dispose()
    {
        _keeper.Dispose();
        base.Dispose();
    }

    protected override (bool Done, double Ms, long Bytes) Write(ServiceDescription[] services, int? changed)
    {
        long start = Stopwatch.GetTimestamp();
        ServiceChange change = _keeper.Apply(new ServiceSnapshot(s_node, services));
        return (true, Stopwatch.GetElapsedTime(start).TotalMilliseconds, change.Bytes);
    }
}

/// <summary>In the form of kube-proxy's nftables mode.</summary>
internal sealed class NftServices() : ServiceSubject("nftables")
{
    protected override (bool Done, double Ms, long Bytes) Write(ServiceDescription[] services, int? changed)
    {
        var text = new StringBuilder();
        if (changed is { } at)
        {
            Service(text, services[at], at, services[at].Endpoints.Count - 1);
            return Run("/usr/sbin/nft", ["-f", "-"], text);
        }

        text.Append("add table ip kp\nadd chain ip kp masq\nadd rule ip kp masq mark set mark or 0x4000\nadd map ip kp services { type ipv4_addr . inet_proto . inet_service : verdict ; }\n");
        for (int i = 0; i < services.Length; i++) Service(text, services[i], i, 0);
        text.Append("add element ip kp services { ");
        for (int i = 0; i < services.Length; i++) text.Append(i == 0 ? "" : ", ").Append(services[i].ClusterIps[0]).Append(" . tcp . 80 : goto svc-").Append(i);
        text.Append(" }\nadd chain ip kp pre { type nat hook prerouting priority -100 ; }\nadd rule ip kp pre ip daddr . meta l4proto . th dport vmap @services\n");
        text.Append("add chain ip kp post { type nat hook postrouting priority 100 ; }\nadd rule ip kp post mark and 0x4000 != 0 masquerade fully-random\n");
        return Run("/usr/sbin/nft", ["-f", "-"], text);
    }

    private static void Service(StringBuilder text, ServiceDescription service, int i, int from)
    {
        for (int e = from; e < service.Endpoints.Count; e++)
        {
            IpAddress address = service.Endpoints[e].Address;
            text.Append($"add chain ip kp ep-{i}-{e}\nadd rule ip kp ep-{i}-{e} ip saddr {address} jump masq\nadd rule ip kp ep-{i}-{e} meta l4proto tcp dnat to {address}:8080\n");
        }

        text.Append($"add chain ip kp svc-{i}\nflush chain ip kp svc-{i}\nadd rule ip kp svc-{i} numgen random mod {service.Endpoints.Count} vmap {{ ");
        for (int e = 0; e < service.Endpoints.Count; e++) text.Append(e == 0 ? "" : ", ").Append(e).Append($" : goto ep-{i}-{e}");
        text.Append(" }\n");
    }
}

/// <summary>In the form of kube-proxy's iptables mode; of a change only the service's own chains are written.</summary>
internal sealed class IptablesServices() : ServiceSubject("iptables")
{
    protected override (bool Done, double Ms, long Bytes) Write(ServiceDescription[] services, int? changed)
    {
        var chains = new StringBuilder("*nat\n");
        var rules = new StringBuilder();
        if (changed is { } at)
        {
            Service(chains, rules, services[at], at, services[at].Endpoints.Count - 1);
        }
        else
        {
            chains.Append(":KUBE-SERVICES - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n");
            rules.Append("-A PREROUTING -j KUBE-SERVICES\n-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000\n-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully\n");
            for (int i = 0; i < services.Length; i++)
            {
                rules.Append($"-A KUBE-SERVICES -d {services[i].ClusterIps[0]}/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-{i}\n");
                Service(chains, rules, services[i], i, 0);
            }
        }

        return Run("/usr/sbin/iptables-restore", ["--noflush"], chains.Append(rules).Append("COMMIT\n"));
    }

    private static void Service(StringBuilder chains, StringBuilder rules, ServiceDescription service, int i, int from)
    {
        int count = service.Endpoints.Count;
        chains.Append($":KUBE-SVC-{i} - [0:0]\n");
        for (int e = 0; e < count; e++)
        {
            string probability = e == count - 1 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"-m statistic --mode random --probability {1.0 / (count - e):f10} ");
            rules.Append($"-A KUBE-SVC-{i} {probability}-j KUBE-SEP-{i}-{e}\n");
            if (e < from) continue;
            IpAddress address = service.Endpoints[e].Address;
            chains.Append($":KUBE-SEP-{i}-{e} - [0:0]\n");
            rules.Append($"-A KUBE-SEP-{i}-{e} -s {address}/32 -j KUBE-MARK-MASQ\n-A KUBE-SEP-{i}-{e} -p tcp -m tcp -j DNAT --to-destination {address}:8080\n");
        }
    }
}
