using System.Text;
using Twill.Linux.Route;

namespace Twill.Agent.View;

/// <summary>One pod, as rows.</summary>
internal static class PodText
{
    internal static string Draw(PodUse pod, KernelView kernel)
    {
        var text = new StringBuilder();
        StatusText.Row(text, "pod", pod.Pod);
        StatusText.Row(text, "container", pod.Container);
        StatusText.Row(text, "network", pod.Network);
        StatusText.Row(text, "addresses", pod.Addresses.Count == 0 ? "none of ours" : string.Join(", ", pod.Addresses));
        if (GatewaysOf(pod, kernel) is { Count: > 0 } gateways) StatusText.Row(text, "gateway", string.Join(", ", gateways));
        StatusText.Row(text, "pair", $"{pod.IfName} in the pod, {pod.Host} on the node{(pod.IsUp ? "" : ", which is down")}; MTU {pod.Mtu}");
        StatusText.Row(text, "bridge", pod.Bridge ?? "none: the pod reaches nobody");
        StatusText.Row(text, "next", $"twill ipam who {(pod.Addresses is [var first, ..] ? first.Split('/')[0] : pod.Host)}");
        return text.ToString();
    }

    /// <summary>The bridge's addresses in the pod's subnets.</summary>
    private static List<string> GatewaysOf(PodUse pod, KernelView kernel)
    {
        List<string> gateways = [];
        foreach (IpPrefix own in kernel.Bridges.Where(b => b.Name == pod.Bridge).SelectMany(b => b.Addresses))
        {
            if (pod.Addresses.Any(a => IpPrefix.TryParse(a, out IpPrefix address) && own.Contains(address.Address))) gateways.Add(own.Address.ToString());
        }

        return gateways;
    }
}
