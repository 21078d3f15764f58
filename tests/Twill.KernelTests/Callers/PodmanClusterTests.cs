using Twill.KernelTests.Harness;
using Twill.Linux.Route;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>docs/podman-cluster.md: two machines with podman and nothing else become nodes of one pod network, by one command each.</summary>
public sealed class PodmanClusterTests : IDisposable
{
    private const string Store = "etcd://192.168.1.11:2379";

    private readonly List<PrivateHost> _hosts = [];

    public PodmanClusterTests() => Requirement.Need("podman", "podman", "conmon", "runc", "nsenter", "etcd", TinyImage.Busybox);

    public void Dispose()
    {
        foreach (PrivateHost host in _hosts) host.Dispose();
    }

    [Fact]
    public void Join_TwoPodmanHosts_ContainersReachEachOtherWithAndWithoutAgents()
    {
        Wire();
        Background(0, "etcd --data-dir /run/etcd --listen-client-urls http://192.168.1.11:2379 --advertise-client-urls http://192.168.1.11:2379 --unsafe-no-fsync");
        for (int i = 0; i < 2; i++) Join(i);
        string first = Run(0, "one"), second = Run(1, "two");
        Assert.StartsWith("10.244.0.", first, StringComparison.Ordinal);
        Assert.StartsWith("10.244.1.", second, StringComparison.Ordinal);
        Reaches(0, "one", second);
        Reaches(1, "two", first);
        Assert.NotEqual(0, Podman(0, "exec", "one", "ping", "-c", "1", "-W", "1", "10.244.1.99").ExitCode); // nobody has it

        // A node reaches the other's pod; the screen says that all is well; the agents go, the network stays.
        _hosts[0].Shell($"ping -c 1 -W 2 {second} && /usr/local/bin/twill status && /usr/local/bin/twill nodes | grep -q '10.244.1.0/24'").Succeeded();
        foreach (PrivateHost host in _hosts) host.Shell("for p in $(pidof twill); do kill -9 $p; done").Succeeded();
        Reaches(0, "one", second);
        string third = Run(0, "three"); // no agent is needed to attach
        Reaches(1, "two", third);
        Podman(0, "rm", "-f", "-t", "0", "--all").Succeeded();
        Assert.DoesNotContain(_hosts[0].Network.Look().Links, l => l.Master == "twill0");
    }

    /// <summary>Two machines, one wire.</summary>
    private void Wire()
    {
        for (int i = 0; i < 2; i++) _hosts.Add(new PrivateHost());
        using RouteSocket here = RouteSocket.Open(_hosts[0].Network.Network), there = RouteSocket.Open(_hosts[1].Network.Network);
        here.CreateVeth(new VethSpec { Name = "eth0", PeerName = "eth0", PeerNamespace = _hosts[1].Network.Network, Up = true });
        there.SetUp("eth0");
        here.TryAddAddress(here.GetLink("eth0").Index, IpPrefix.Parse("192.168.1.11/24"), AddressFlags.None);
        there.TryAddAddress(there.GetLink("eth0").Index, IpPrefix.Parse("192.168.1.12/24"), AddressFlags.None);
        foreach (PrivateHost host in _hosts)
        {
            host.Shell("mount -t tmpfs tmpfs /usr/local/bin").Succeeded();
            host.Write("/etc/containers/containers.conf", Shipped.Read("containers.conf"));
            host.Write("/etc/containers/policy.json", """{"default": [{"type": "insecureAcceptAnything"}]}""");
            string image = Path.Combine(host.Shared, "tiny.tar");
            TinyImage.Write(image);
        }

        for (int i = 0; i < 2; i++) Podman(i, "load", "-i", Path.Combine(_hosts[i].Shared, "tiny.tar")).Succeeded();
    }

    /// <summary>The one command; without systemd it says how to start the agent, and that is done then.</summary>
    private void Join(int index)
    {
        string join = $"{Artifacts.Twill} join {Store} --node node{index + 1} --cluster-cidr 10.244.0.0/16 --device eth0";
        ChildProcess.Outcome joined = _hosts[index].Shell($"for i in $(seq 100); do {join} && exit 0; sleep 0.1; done; exit 1");
        Assert.True(joined.ExitCode == 0, joined.ErrorText + joined.OutputText);
        string said = joined.ErrorText + joined.OutputText, start = said[(said.IndexOf("start it by: ", StringComparison.Ordinal) + 13)..].Split('\n')[0];
        Assert.StartsWith("/usr/local/bin/twill agent", start, StringComparison.Ordinal);
        Background(index, start);
        _hosts[index].Shell("for i in $(seq 200); do test -e /etc/cni/net.d/05-twill.conflist && exit 0; sleep 0.05; done; exit 1").Succeeded();
    }

    private void Background(int index, string command) => _hosts[index].Shell($"setsid {command} >>{_hosts[index].Shared}/background.log 2>&1 </dev/null &").Succeeded();

    /// <returns>The container's address.</returns>
    private string Run(int index, string name)
    {
        Podman(index, [.. PodmanTests.Machine.RunWords, "--network", "pods", "--name", name, "tiny", "sleep", "300"]).Succeeded();
        return Podman(index, "inspect", name, "-f", "{{.NetworkSettings.Networks.pods.IPAddress}}").Succeeded().Trim();
    }

    private void Reaches(int index, string name, string address)
    {
        ChildProcess.Outcome outcome = Podman(index, "exec", name, "ping", "-c", "2", "-i", "0.3", "-w", "3", "-W", "1", address);
        Assert.True(outcome.ExitCode == 0, $"{name} does not reach {address}: {outcome.OutputText}{outcome.ErrorText}{File.ReadAllText(Path.Combine(_hosts[index].Shared, "background.log"))}");
    }

    private ChildProcess.Outcome Podman(int index, params IReadOnlyList<string> words)
        => _hosts[index].Run(["podman", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--storage-driver", "vfs", "--runtime", Command.Find("runc"), .. words]);
}
