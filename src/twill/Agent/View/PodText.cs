using System.Text;

namespace Twill.Agent.View;

/// <summary>One pod, as rows.</summary>
internal static class PodText
{
    internal static string Draw(PodUse pod)
    {
        var text = new StringBuilder();
        StatusText.Row(text, "pod", pod.Pod);
        StatusText.Row(text, "container", pod.Container);
        StatusText.Row(text, "network", pod.Network);
        StatusText.Row(text, "addresses", pod.Addresses.Count == 0 ? "none of ours" : string.Join(", ", pod.Addresses));
        StatusText.Row(text, "pair", $"{pod.IfName} in the pod, {pod.Host} on the node{(pod.IsUp ? "" : ", which is down")}; MTU {pod.Mtu}");
        StatusText.Row(text, "bridge", pod.Bridge ?? "none: the pod reaches nobody");
        return text.ToString();
    }
}
