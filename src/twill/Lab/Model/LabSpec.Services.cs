using Twill.Cli;
using Twill.Lab.Container;

namespace Twill.Lab.Model;

/// <summary>Services: which there are, and who is behind them.</summary>
internal sealed partial record LabSpec
{
    /// <summary>Their addresses on the LAN lie behind those of all nodes; their pods must fit into the router's mark.</summary>
    internal const int MaxServices = 14, MaxServicePods = 64;

    /// <summary>What Kubernetes gives services on nodes. Source: --service-node-port-range of kube-apiserver.</summary>
    internal const int FirstNodePort = 30000, LastNodePort = 32767;

    /// <summary>By number.</summary>
    internal IReadOnlyList<LabServiceSpec> Services { get; init; } = [];

    /// <summary>A service, new or in place of the one with this name, which keeps its addresses.</summary>
    /// <param name="nodePort">0: the first free one that reads like the port; null: none.</param>
    /// <remarks>Its pods get a container that answers where they have none and it is asked for at that one's port.</remarks>
    /// <exception cref="LabException">There is no such pod, no room, or the port is taken.</exception>
    internal LabSpec WithService(string name, IReadOnlyList<string> pods, ushort port, ushort? target, ushort? nodePort, bool loadBalancer)
    {
        if (Empty) throw new LabException("an empty lab's network is your work, and has no services: `twill lab down`, then `twill lab up`");
        LabNames.Check("service", name);
        if (pods.Count == 0) throw new LabException(ExitCode.Usage, $"service {name} has no pods: --pods NAME,NAME");
        if (pods.Count > MaxServicePods) throw new LabException(ExitCode.Usage, $"service {name}: {pods.Count} pods, and {MaxServicePods} are the most");
        foreach (string pod in pods) RequirePod(pod);
        LabServiceSpec? present = Services.FirstOrDefault(s => s.Name == name);
        LabServiceSpec[] others = [.. Services.Where(s => s.Name != name)];
        if (present is null && others.Length == MaxServices) throw new LabException($"the lab has {MaxServices} services, and more addresses are not kept for them: `twill lab unexpose` makes room");
        var service = new LabServiceSpec(name, present?.Number ?? FreeNumber(), port)
        {
            Target = target ?? port,
            NodePort = nodePort switch { null => 0, 0 => present is { NodePort: > 0 } ? present.NodePort : FreeNodePort(), { } wanted => wanted },
            LoadBalancer = loadBalancer,
            Pods = [.. pods.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        if (service.NodePort > 0 && others.FirstOrDefault(s => s.NodePort == service.NodePort) is { } holder) throw new LabException($"node port {service.NodePort} is that of service {holder.Name}; choose another, or `twill lab unexpose {holder.Name}`");
        return this with { Services = [.. others.Append(service).OrderBy(s => s.Number)], Pods = [.. Pods.Select(Answering)] };

        int FreeNumber() => Enumerable.Range(1, MaxServices).First(n => others.All(s => s.Number != n));

        ushort FreeNodePort()
        {
            int first = FirstNodePort + (port % (LastNodePort - FirstNodePort + 1));
            return (ushort)Enumerable.Range(first, MaxServices + 1).Select(p => p > LastNodePort ? p - LastNodePort + FirstNodePort : p).First(p => others.All(s => s.NodePort != p));
        }

        LabPodSpec Answering(LabPodSpec pod)
            => service.Target != ContainerProcess.Port || !service.Pods.Contains(pod.Name) || pod.Containers.Contains(ContainerProcess.Server) || pod.Containers.Count == PodContainers.MaxContainers
                ? pod
                : pod with { Containers = [ContainerProcess.Server, .. pod.Containers] };
    }

    internal LabSpec WithoutService(string name)
    {
        if (Services.All(s => s.Name != name)) throw NoService(name);
        return this with { Services = [.. Services.Where(s => s.Name != name)] };
    }

    /// <exception cref="LabException">There is no such service.</exception>
    internal LabServiceSpec Service(string name) => Services.FirstOrDefault(s => s.Name == name) ?? throw NoService(name);

    private LabException NoService(string name)
        => new(ExitCode.NotFound, $"the lab has no service {name}{(Typo.Nearest(name, Services.Select(s => s.Name)) is { } near ? $"; did you mean {near}?" : $": twill lab expose {name} --pods {string.Join(',', Pods.Take(2).Select(p => p.Name))}")}");

    /// <summary>Without pods that are no more. A service that loses its last one stays, and refuses.</summary>
    private LabSpec WithServicesOfPods()
    {
        if (Services.Count == 0) return this;
        var names = new HashSet<string>(Pods.Select(p => p.Name), StringComparer.Ordinal);
        return Services.All(s => s.Pods.All(names.Contains)) ? this : this with { Services = [.. Services.Select(s => s with { Pods = [.. s.Pods.Where(names.Contains)] })] };
    }
}
