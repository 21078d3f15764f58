using Twill.Lab;
using Twill.Lab.Calls;
using Twill.Lab.Goal;
using Twill.Lab.Model;

namespace Twill.Cli;

/// <summary>Services of a lab, and connections to them.</summary>
internal static partial class LabActions
{
    internal static int Expose(string name, Func<LabSpec, LabSpec> change, ChangeForm form)
    {
        LabInventory inventory = RequireLab("expose");
        LabSpec spec = change(inventory.Spec);
        if (Change(spec, inventory, form, out double seconds) is not { } done) return ExitCode.Ok;
        LabServiceSpec service = spec.Service(name);
        Terminal.Say($"service {name}: {string.Join(", ", Addresses(spec, service))}, answered by {string.Join(", ", service.Pods)}{(done.Steps.Count == 0 ? "; nothing changed" : $"; done in {seconds:0.00} s")}");
        Terminal.Say($"next: twill ping {spec.Pods[0].Name} svc/{name}{(service.LoadBalancer || service.NodePort > 0 ? $" {Terminal.Style.Dot} twill ping internet svc/{name}" : "")} {Terminal.Style.Dot} twill lab exec {spec.Nodes[0].Name} -- twill services");
        return ExitCode.Ok;
    }

    /// <summary>"10.96.0.1:80", "port 30080 of every node", "192.168.1.240:80 on the LAN".</summary>
    internal static IEnumerable<string> Addresses(LabSpec spec, LabServiceSpec service)
    {
        foreach (Linux.Route.IpAddress address in LabServices.Describe(spec, service).ClusterIps) yield return new Fabric.Services.Model.Backend(address, service.Port).ToString();
        if (service.LoadBalancer)
        {
            foreach (Linux.Route.IpAddress address in LabServices.LoadBalancers(spec, service)) yield return $"{new Fabric.Services.Model.Backend(address, service.Port)} on the LAN";
        }

        if (service.NodePort > 0) yield return $"port {service.NodePort} of every node";
    }

    internal static int Call(string from, CallTarget target, bool v6, int count, bool json)
    {
        RequireRoot("ping");
        LabInventory inventory = LabInventory.Read();
        if (inventory.IsEmpty) throw new LabException(ExitCode.NotFound, "there is no lab on this machine: `twill lab up` makes one");
        CallReport report = ServiceCaller.Call(inventory, from, target, v6, count);
        Terminal.Answer(json ? CallText.Json(report) : CallText.Draw(report, Terminal.Style));
        return report.Back == report.Results.Count ? ExitCode.Ok : ExitCode.Problem;
    }
}
