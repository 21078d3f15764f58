using System.Text;
using Twill.Cni;
using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Lab.Steps;
using Twill.Linux.Netns;
using Twill.Linux.Route;
using Twill.Linux.Sys;

namespace Twill.Lab.Apply;

/// <summary>What a container runtime does: our own executable, called as the plugin, on the node.</summary>
internal static class LabPlugin
{
    /// <summary>A plugin that takes longer is killed.</summary>
    private const int PluginTimeoutMs = 30_000;

    internal static void Attach(NetworkNamespace node, AttachPod step)
    {
        byte[] configuration = Encoding.UTF8.GetBytes(LabAddresses.Configuration(step.Known, step.Plan.Mtu, AddressesOf(step.Plan)));
        Require(node.Run(() =>
        {
            ChildProcess.Outcome outcome = Run("ADD", step.Pod, configuration);
            if (outcome.ExitCode == 0) return outcome;

            // A killed `up` may have left half of this attachment.
            Run("DEL", step.Pod, configuration);
            return Run("ADD", step.Pod, configuration);
        }), $"cannot attach pod {step.Pod} to {step.Node}");
    }

    internal static void Detach(NetworkNamespace node, DetachPod step)
    {
        byte[] configuration = Encoding.UTF8.GetBytes(LabAddresses.Configuration(step.Known, Mtu.Ethernet.Value));
        Require(node.Run(() => Run("DEL", step.Pod, configuration)), $"cannot detach pod {step.Pod} from {step.Node}");
    }

    private static List<IpPrefix> AddressesOf(PodPlan plan)
    {
        var addresses = new List<IpPrefix>();
        foreach (PodAddress address in plan.Addresses) addresses.Add(address.Address);
        return addresses;
    }

    private static void Require(in ChildProcess.Outcome outcome, string what)
    {
        if (outcome.ExitCode == 0) return;
        string reason = outcome.TimedOut ? $"no answer within {PluginTimeoutMs / 1000} s" : CniError.TryParse(outcome.Output, out CniError? error) ? $"{error.Msg} (CNI code {error.Code})" : $"exit {outcome.ExitCode} {outcome.ErrorText}";
        throw new LabException($"{what}: the plugin says: {reason}; `twill lab down` removes what was made");
    }

    private static ChildProcess.Outcome Run(string verb, string pod, byte[] configuration) => ChildProcess.Run(
        "/proc/self/exe",
        [],
        [
            $"CNI_COMMAND={verb}",
            $"CNI_CONTAINERID={pod}",
            $"CNI_NETNS={NetworkNamespace.NamedPath(pod)}",
            $"CNI_IFNAME={LabAddresses.PodInterface}",
            "CNI_PATH=/opt/cni/bin",
            $"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE={LabAddresses.Network};K8S_POD_NAME={pod}",
        ],
        configuration,
        PluginTimeoutMs);
}
