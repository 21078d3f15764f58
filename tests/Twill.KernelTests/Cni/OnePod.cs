using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Cni;

/// <summary>A host with one pod attached: where most statements begin.</summary>
internal sealed class OnePod : IDisposable
{
    internal OnePod(Net net, string ifName = "eth0")
    {
        Net = net;
        Host = new HostNamespace();
        Pod = Host.NewPod();
        IfName = ifName;
        Added = net.Call("ADD", Pod, ifName).In(Host);
        if (Added.Ok) return;
        Host.Dispose();
        Assert.Fail($"{Added}");
    }

    internal Net Net { get; }

    internal HostNamespace Host { get; }

    internal Pod Pod { get; }

    internal string IfName { get; }

    internal PluginOutcome Added { get; }

    internal JsonObject Json => Added.Json!;

    internal AddResult Result => Added.Result;

    internal string Address => Result.Addresses[0];

    /// <summary>Name of the host end.</summary>
    internal string HostEnd => Result.Interfaces[1].Name;

    public void Dispose() => Host.Dispose();

    internal PluginRun Call(string verb) => Net.Call(verb, Pod, IfName, verb == "ADD" ? null : Json);

    internal PluginOutcome Check() => Call("CHECK").In(Host);

    internal PluginOutcome Del() => Call("DEL").In(Host);

    /// <summary>Fails the test unless the pod is attached as its result says, and the host holds nothing else.</summary>
    internal void MustBeWell()
    {
        Assert.Empty(Truth.Problems(Host, Pod, IfName, Json));
        Assert.Empty(Net.Audit(Host, Net.AttachmentOf(Added)));
    }

    /// <summary>Fails the test unless host and pod are as if there had been no ADD, but for the bridge.</summary>
    internal void MustBeGone()
    {
        Assert.Empty(Pod.Links());
        Assert.Empty(Net.Audit(Host));
    }
}
