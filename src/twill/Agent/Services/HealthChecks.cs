using System.Net;
using System.Net.Sockets;
using Twill.Agent.Http;
using Twill.Cli;
using Twill.Fabric.Keep;
using Twill.Fabric.Services.Model;

namespace Twill.Agent.Services;

/// <summary>Answers a load balancer that asks whether this node has endpoints of a service whose external traffic stays on the node.</summary>
/// <remarks>200 with some, 503 with none, in the form of kube-proxy. Source: pkg/proxy/healthcheck, service_health.go.</remarks>
internal sealed class HealthChecks(Action<KeeperEvent> tell)
{
    private readonly Dictionary<ushort, Port> _ports = [];

    private sealed class Port
    {
        private volatile Count _now = new("", "", 0);

        internal sealed record Count(string Namespace, string Name, int Local);

        internal Count Now { get => _now; set => _now = value; }

        internal LocalServer Server { get; }

        internal Port() => Server = new LocalServer((_, _) => ValueTask.FromResult(Answer(Now)));

        private static HttpAnswer Answer(Count now) => HttpAnswer.Json(Text(now), now.Local > 0 ? 200 : 503);

        private static string Text(Count now) => JsonAnswer.Write(json =>
        {
            json.WriteStartObject("service");
            json.WriteString("namespace", now.Namespace);
            json.WriteString("name", now.Name);
            json.WriteEndObject();
            json.WriteNumber("localEndpoints", now.Local);
            json.WriteBoolean("serviceProxyHealthy", true);
        });
    }

    /// <summary>One caller at a time.</summary>
    internal void Set(ServiceSnapshot snapshot)
    {
        var wanted = new Dictionary<ushort, Port.Count>();
        foreach (ServiceDescription service in snapshot.Services)
        {
            if (service.HealthCheckNodePort == 0 || service.ExternalPolicy != TrafficPolicy.Local) continue;
            wanted[service.HealthCheckNodePort] = new Port.Count(service.Namespace, service.Name, Local(service, snapshot.Node));
        }

        foreach (ushort gone in _ports.Keys.Where(p => !wanted.ContainsKey(p)).ToList())
        {
            _ = _ports[gone].Server.DisposeAsync().AsTask(); // closes the port at once; who is just being answered is
            _ports.Remove(gone);
        }

        foreach ((ushort number, Port.Count count) in wanted)
        {
            if (!_ports.TryGetValue(number, out Port? port))
            {
                port = new Port();
                try
                {
                    port.Server.ListenTcp(new IPEndPoint(IPAddress.IPv6Any, number));
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    _ = port.Server.DisposeAsync().AsTask();
                    tell(new KeeperEvent(KeeperEventKind.Failed, $"service {count.Namespace}/{count.Name}", $"cannot answer on its health-check port {number}: {e.Message}; who has it: `ss -ltnp`"));
                    continue;
                }

                _ports.Add(number, port);
            }

            port.Now = count;
        }
    }

    /// <summary>How many endpoints of this node the service's external traffic may use.</summary>
    internal static int Local(ServiceDescription service, ServiceNode node)
    {
        var local = new HashSet<string>();
        foreach (bool v6 in (bool[])[false, true])
        {
            foreach (ServicePort port in service.Ports)
            {
                foreach (Backend backend in EndpointSelection.BackendsOf(service, port, v6, TrafficPolicy.Local, node)) local.Add(backend.Address.ToString());
            }
        }

        return local.Count;
    }
}
