using System.CommandLine;
using System.Globalization;
using Twill.Agent;
using Twill.Agent.Install;
using Twill.Agent.Registry;
using Twill.Agent.Services;
using Twill.Agent.View;
using Twill.Etcd;
using Twill.Fabric.Services.Model;
using Twill.Kube.Yaml;
using Twill.Linux.Route;

namespace Twill.Cli;

/// <summary>twill service add, remove and list: options, call, print.</summary>
internal static class ServiceRecordCommands
{
    internal static IReadOnlyList<Command> Build() => [Add(), Remove(), List()];

    private static Command Add()
    {
        Argument<string> name = Name("Of the service; one that is there is replaced");
        Option<string> space = Space();
        var addresses = new AddressesOption("--address", "The service's own, one of each family at most; of a range that no interface has");
        var ports = new Option<string[]>("--port") { Description = "[NAME=]PORT[:TARGET][/udp|/sctp]: where clients knock, and where endpoints listen; several need names", HelpName = "PORT", Required = true, AllowMultipleArgumentsPerToken = false };
        var nodePort = new NumberOption("--node-port", [], "Of a service with one port: open at every node's own address", 1, ushort.MaxValue, 0) { HelpName = "PORT", DefaultValueFactory = null };
        var endpoints = new AddressesOption("--endpoints", "Who answers");
        var pods = new Option<string?>("--pods") { Description = "Who answers: pods of this node, by name, address, or the beginning of a container's id", HelpName = "POD,POD" };
        pods.CompletionSources.Add(CompletionNames.NodePods);
        var loadBalancer = new AddressesOption("--load-balancer", "Addresses for those outside");
        var fromPool = new Option<bool>("--from-pool") { Description = "An address of the agents' pools (--load-balancer-pool); with --load-balancer those, if they are free" };
        var affinity = new NumberOption("--affinity", [], "Seconds for which a client keeps its endpoint; 0: each connection anew", 0, 86400, 0) { HelpName = "SECONDS" };
        var options = new AgentOptions();
        var command = new ExampleCommand("add", "Put a service into etcd, where every node's agent learns of it.",
        [
            "twill service add web --address 10.96.0.10 --port 80 --endpoints 10.244.1.2,10.244.2.2 --source etcd://10.0.0.1:2379",
            "twill service add dns --address 10.96.0.53 --port dns=53/udp --port dns-tcp=53 --pods coredns-0 --source etcd://10.0.0.1:2379",
        ])
        { name, space, addresses, ports, nodePort, endpoints, pods, loadBalancer, fromPool, affinity };
        options.AddSourceTo(command);
        command.Validators.Add(result =>
        {
            foreach (string port in result.GetValue(ports) ?? [])
            {
                if (PortWords.TryParse(port) is null) result.AddError($"--port {port}: expected [NAME=]PORT[:TARGET][/udp|/sctp], such as 80, 80:8080 or dns=53/udp");
            }

            if (result.GetValue(nodePort) != 0 && (result.GetValue(ports)?.Length ?? 0) > 1) result.AddError("--node-port is for a service with one port");
        });
        command.SetAction(result =>
        {
            (ServicePort Port, ushort Target)[] words = [.. result.GetValue(ports)!.Select(p => PortWords.TryParse(p)!.Value)];
            if (words.Select(w => w.Port.Name).Distinct(StringComparer.Ordinal).Count() < words.Length) throw new AgentException(ExitCode.Usage, "ports of one service are told apart by their names: --port http=80 --port https=443");
            IReadOnlyList<IpAddress> answer = [.. result.GetValue(endpoints) ?? [], .. PodAddresses(result.GetValue(pods))];
            Dictionary<string, ushort> targets = words.ToDictionary(w => w.Port.Name, w => w.Target, StringComparer.Ordinal);
            var service = new ServiceDescription
            {
                Namespace = result.GetValue(space)!,
                Name = result.GetValue(name)!,
                ClusterIps = result.GetValue(addresses) ?? [],
                LoadBalancerIps = result.GetValue(fromPool) ? [] : result.GetValue(loadBalancer) ?? [],
                WantsLoadBalancer = result.GetValue(fromPool),
                RequestedLoadBalancerIps = result.GetValue(fromPool) ? result.GetValue(loadBalancer) ?? [] : [],
                Ports = [.. words.Select(w => w.Port with { NodePort = (ushort)result.GetValue(nodePort) })],
                AffinitySeconds = (uint)result.GetValue(affinity),
                Endpoints = [.. answer.Select(a => new EndpointDescription { Address = a, Ports = targets })],
            };
            Check(service);
            AgentSettings settings = options.Read(result);
            if (settings.Source is SourceChoice.Nodes file) throw new AgentException(ExitCode.Usage, $"services of {file.Path} are written there, under \"services:\", as\n- {ServiceRegistry.RecordOf(service)}");
            return InEtcd(settings, registry =>
            {
                ServiceDescription there = registry.PutAsync(service).GetAwaiter().GetResult();
                string kept = there.WantsLoadBalancer && there.LoadBalancerIps.Count > 0 ? $", {string.Join(" and ", there.LoadBalancerIps)} as before" : "";
                Terminal.Say($"{service} is in {settings.Source}: {service.Endpoints.Count} endpoint{(service.Endpoints.Count == 1 ? "" : "s")}{kept}; every agent keeps it from now on");
                return ExitCode.Ok;
            });
        });
        return command;
    }

    private static Command Remove()
    {
        Argument<string> name = Name("A service");
        Option<string> space = Space();
        var options = new AgentOptions();
        var command = new ExampleCommand("remove", "Take a service out of etcd: every node forgets it. TCP connections that are there go on.",
        [
            "twill service remove web --source etcd://10.0.0.1:2379",
        ])
        { name, space };
        options.AddSourceTo(command);
        command.SetAction(result =>
        {
            AgentSettings settings = options.Read(result);
            if (settings.Source is SourceChoice.Nodes file) throw new AgentException(ExitCode.Usage, $"services of {file.Path} are written there, under \"services:\": delete it there");
            return InEtcd(settings, registry =>
            {
                string service = $"{result.GetValue(space)}/{result.GetValue(name)}";
                if (!registry.RemoveAsync(result.GetValue(space)!, result.GetValue(name)!).GetAwaiter().GetResult()) throw new AgentException(ExitCode.NotFound, $"{settings.Source} has no service {service}: `twill service list` tells which there are");
                Terminal.Say($"removed {service}");
                return ExitCode.Ok;
            });
        });
        return command;
    }

    private static Command List()
    {
        var options = new AgentOptions();
        var command = new ExampleCommand("list", "Print the services that a file or etcd describes, one a line, as `services:` of a file takes them. What this node does with them: twill services.",
        [
            "twill service list --source etcd://10.0.0.1:2379",
            "twill service list --source file:/etc/twill/nodes.yaml",
        ]);
        options.AddSourceTo(command);
        command.SetAction(result =>
        {
            AgentSettings settings = options.Read(result);
            if (settings.Source is not SourceChoice.Nodes file) return InEtcd(settings, registry => Print(registry.ListAsync().GetAwaiter().GetResult()));
            try
            {
                return Print(ServiceText.ParseFile(File.ReadAllBytes(file.Path), file.Path));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlException)
            {
                throw new AgentException(e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Problem, $"cannot read services: {e.Message}");
            }
        });
        return command;
    }

    private static int Print(IReadOnlyList<ServiceDescription> services)
    {
        foreach (ServiceDescription service in services) Terminal.Answer($"- {ServiceRegistry.RecordOf(service)}\n");
        if (services.Count == 0) Terminal.Say("there are no services");
        return ExitCode.Ok;
    }

    private static int InEtcd(AgentSettings settings, Func<ServiceRegistry, int> what)
    {
        if (settings.Source is not SourceChoice.Etcd etcd) throw new AgentException(ExitCode.Usage, $"services of {settings.Source} are changed there (kubectl): only those in etcd are ours to change");
        using var client = new EtcdClient(SourceFactory.EtcdOptionsOf(settings, etcd));
        try
        {
            return what(new ServiceRegistry(client));
        }
        catch (EtcdException e)
        {
            throw new AgentException(ExitCode.TimeOut, e.Message);
        }
        catch (YamlException e)
        {
            throw new AgentException(e.Message);
        }
    }

    private static void Check(ServiceDescription service)
    {
        foreach (string word in (string[])[service.Namespace, service.Name])
        {
            if (word.Length is 0 or > 63 || !word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')) throw new AgentException(ExitCode.Usage, $"name \"{word}\": expected 1 to 63 lower-case letters, digits, hyphens and dots");
        }

        if (service.ClusterIps.Select(a => a.IsV6).Distinct().Count() < service.ClusterIps.Count) throw new AgentException(ExitCode.Usage, $"service {service} has two addresses of one family: --address takes one of each");
        if (service.ClusterIps.Count + service.LoadBalancerIps.Count == 0 && !service.WantsLoadBalancer) throw new AgentException(ExitCode.Usage, $"service {service} has no address at all: --address 10.96.0.10");
    }

    /// <summary>Of pods on this node, as the kernel knows them.</summary>
    private static IEnumerable<IpAddress> PodAddresses(string? words)
    {
        if (words is null) yield break;
        KernelView kernel = KernelReader.Read(NodeConfiguration.DefaultDirectory);
        foreach (string word in words.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            PodUse[] pods = [.. kernel.Pods.Where(p => NodeCommands.IsCalled(p, word))];
            if (pods.Length != 1) throw new AgentException(pods.Length == 0 ? ExitCode.NotFound : ExitCode.Usage, pods.Length == 0 ? $"no pod of this node is called {word}: `twill ipam` lists them; pods of other nodes are named by their addresses, --endpoints" : $"several pods are called {word}: {string.Join(", ", pods.Select(p => p.Pod))}");
            foreach (string address in pods[0].Addresses) yield return IpAddress.Parse(address.Split('/')[0]);
        }
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static Option<string> Space() => new("--namespace") { Description = "Of the service", HelpName = "NAMESPACE", DefaultValueFactory = _ => ServiceText.DefaultNamespace };

    /// <summary>Ports as people write them.</summary>
    private static class PortWords
    {
        /// <returns>Null: no such words.</returns>
        internal static (ServicePort Port, ushort Target)? TryParse(string text)
        {
            string name = "", rest = text;
            if (rest.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals) (name, rest) = (rest[..equals], rest[(equals + 1)..]);
            ServiceProtocol protocol = ServiceProtocol.Tcp;
            if (rest.IndexOf('/', StringComparison.Ordinal) is > 0 and int slash)
            {
                switch (rest[(slash + 1)..])
                {
                    case "tcp": break;
                    case "udp": protocol = ServiceProtocol.Udp; break;
                    case "sctp": protocol = ServiceProtocol.Sctp; break;
                    default: return null;
                }

                rest = rest[..slash];
            }

            string[] numbers = rest.Split(':');
            if (numbers.Length > 2 || Number(numbers[0]) is not { } port || Number(numbers[^1]) is not { } target) return null;
            return (new ServicePort(name, protocol, port), target);
        }

        private static ushort? Number(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value) && value > 0 ? value : null;
    }
}
