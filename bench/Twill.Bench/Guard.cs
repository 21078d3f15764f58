using System.Text.Json;
using Twill.Linux.Sys;

namespace Twill.Bench;

/// <summary>Looks, outside the clock, whether a measured call did what it says; a fast wrong answer is no answer.</summary>
public sealed class Guard
{
    private const int MaxKept = 50;
    private const string PingProgram = "/usr/bin/ping";

    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    public int Count { get; private set; }

    /// <summary>ADDs and DELs looked at.</summary>
    public int Checked { get; private set; }

    public int Pinged { get; private set; }

    /// <summary>The interface is in the pod with the addresses of the result, the host's end is on the node, nobody else has the address.</summary>
    /// <returns>The attachment; null when the call failed or its result is no result.</returns>
    public Attachment? Added(Node node, Pod pod, Outcome outcome, bool ping)
    {
        Checked++;
        if (!outcome.Ok)
        {
            Violate(node, $"ADD of {pod.Name} failed: exit {outcome.ExitCode}: {Text(outcome)}");
            return null;
        }

        Attachment attachment;
        try
        {
            attachment = Attachment.Parse(outcome.Output);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Violate(node, $"ADD of {pod.Name}: its result cannot be read: {e.Message}");
            return null;
        }

        int expected = node.Scenario.DualStack ? 2 : 1;
        if (attachment.Addresses.Count != expected) Violate(node, $"ADD of {pod.Name}: {attachment.Addresses.Count} addresses in its result, {expected} asked for");
        int index = KernelView.Links(pod.Network).FirstOrDefault(link => link.Value == Subject.IfName).Key;
        if (index == 0)
        {
            Violate(node, $"ADD of {pod.Name}: no {Subject.IfName} in the pod");
            return attachment;
        }

        HashSet<string> held = KernelView.Addresses(pod.Network, index);
        foreach (string address in attachment.Addresses)
        {
            if (!held.Contains(address)) Violate(node, $"ADD of {pod.Name}: {address} of its result is not on {Subject.IfName} ({string.Join(' ', held)})");
            if (!node.Lent.Add(address)) Violate(node, $"ADD of {pod.Name}: {address} is another pod's");
        }

        if (!ping) return attachment;
        foreach (string gateway in attachment.Gateways)
        {
            Pinged++;
            ChildProcess.Outcome reply = pod.Network.Run(() => ChildProcess.Run(PingProgram, ["-n", "-q", "-c", "1", "-W", "3", gateway], [], [], 10_000));
            if (reply.ExitCode != 0) Violate(node, $"pod {pod.Name} ({string.Join(' ', attachment.Addresses)}) does not reach its gateway {gateway}: {reply.OutputText.Trim()}{reply.ErrorText.Trim()}");
        }

        return attachment;
    }

    /// <summary>The call succeeded and the host's end was gone at the moment it returned; the pod's end is gone too.</summary>
    public void Removed(Node node, Pod pod, Attachment attachment, Outcome outcome)
    {
        Checked++;
        if (!outcome.Ok) Violate(node, $"DEL of {pod.Name} failed: exit {outcome.ExitCode}: {Text(outcome)}");
        else if (outcome.Gone != true) Violate(node, $"DEL of {pod.Name} answered while {attachment.HostEnd} was still there");
        if (KernelView.Links(pod.Network).ContainsValue(Subject.IfName)) Violate(node, $"DEL of {pod.Name}: {Subject.IfName} is still in the pod");
        foreach (string address in attachment.Addresses) node.Lent.Remove(address);
    }

    public void Violate(Node node, string what) => Violate($"{node.Subject.Name}, {node.Scenario.Key}, {node.PodCount} pods: {what}");

    public void Violate(string what)
    {
        Count++;
        if (_violations.Count < MaxKept) _violations.Add(what);
    }

    private static string Text(Outcome outcome)
    {
        string text = (System.Text.Encoding.UTF8.GetString(outcome.Output) + outcome.Error).ReplaceLineEndings(" ").Trim();
        return text.Length > 300 ? text[..300] : text;
    }
}
