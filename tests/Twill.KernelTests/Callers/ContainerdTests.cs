using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>containerd, installed from the distribution, on a machine of its own: `ctr run --cni`.</summary>
public sealed class ContainerdTests : IClassFixture<ContainerdTests.Machine>
{
    private const int VanishTimeoutMs = 10_000;

    private readonly Machine _machine;

    public ContainerdTests(Machine machine)
    {
        Requirement.Need("containerd", "containerd", "ctr", "runc", "nsenter", TinyImage.Busybox, Artifacts.Reference("bridge"), Artifacts.Reference("host-local"), Artifacts.Reference("portmap"), Artifacts.Reference("firewall"), Artifacts.Reference("tuning"));
        _machine = machine;
        machine.Start();
    }

    [Fact]
    [Trait("cni", "D03")]
    public void Containerd_RunWithCni_PodsReachEachOtherAndLeaveNothing()
    {
        _machine.Use(Shipped.ConfList);
        _machine.Run("-d", "one", "sleep", "300").Succeeded();
        HostState state = _machine.Host.Network.Look();
        LinkState end = Assert.Single(state.Links, l => l.Master == Shipped.Bridge);
        IReadOnlyList<string> addresses = Audit.Claims(end);
        Assert.Equal(2, addresses.Count);
        Assert.Empty(_machine.Audit(new Attachment("default-one", "eth0", addresses)));

        // A second one pings the first, the bridge, and an address that nobody has: that must fail (negative control).
        string pings = string.Join(" && ", addresses.Append("10.88.0.1").Append("fd88::1").Select(a => $"ping -c 2 -i 0.3 -w 3 -W 1 {a}"));
        _machine.Run("--rm", "two", "sh", "-c", $"{pings} && ! ping -c 1 -w 1 -W 1 10.88.99.99").Succeeded();
        Assert.Equal("ADD twill, ADD portmap, ADD firewall, ADD tuning, DEL tuning, DEL firewall, DEL portmap, DEL twill", _machine.Spy.Order("default-two"));
        Assert.Equal("", _machine.Spy.Calls().Single(c => c is { Verb: "DEL", Plugin: "twill", ContainerId: "default-two" }).NetNs);
        Assert.Empty(_machine.Audit(new Attachment("default-one", "eth0", addresses)));

        // ctr sends no DEL for a detached one: the kernel takes pair and address back with the namespace.
        _machine.Kill("one");
        Assert.DoesNotContain("DEL", _machine.Spy.Order("default-one"), StringComparison.Ordinal);
        IReadOnlyList<string> problems = [];
        _machine.Host.Network.LookUntil(s => (problems = _machine.Audit(s)).Count == 0, VanishTimeoutMs);
        Assert.Empty(problems);
        Assert.DoesNotContain(_machine.Spy.Calls(), c => c.Verb is "CHECK" or "GC" or "STATUS");
    }

    [Fact]
    public void Containerd_ReferenceBridgeWithoutDel_KeepsTheLease()
    {
        // The control of the test above: the same end of a container, and the address is lost.
        _machine.Use(Shipped.ConfList.Replace("\"twill\"", "\"bridge\"", StringComparison.Ordinal).Replace("cni-tw0", "cni-ref0", StringComparison.Ordinal).Replace("twillnet", "refnet", StringComparison.Ordinal));
        _machine.Run("-d", "three", "sleep", "300").Succeeded();
        _machine.Kill("three");
        Assert.Equal(2, _machine.Host.Files("/var/lib/cni/networks/refnet").Count(f => f.EndsWith(".2", StringComparison.Ordinal) || f.EndsWith("::2", StringComparison.Ordinal)));
        _machine.Host.Network.LookUntil(s => s.Links.All(l => l.Master != "cni-ref0"), VanishTimeoutMs);
        _machine.Host.Network.Ip("link del cni-ref0");
    }

    [Fact]
    public void Containerd_CriPluginWithTheShippedFile_LoadsOurNetwork()
    {
        string log = _machine.Log();
        Assert.Contains("Start cri plugin with config", log, StringComparison.Ordinal);
        Assert.Contains("NetworkPluginBinDir:/opt/cni/bin NetworkPluginConfDir:/etc/cni/net.d NetworkPluginMaxConfNum:1", log, StringComparison.Ordinal);
        Assert.DoesNotContain("failed to load cni during init", log, StringComparison.Ordinal);
    }

    /// <summary>`make image`: the same file for the same executable, and a container runtime starts it.</summary>
    [Fact]
    public void Containerd_OurImage_RunsAndIsReproducible()
    {
        string tar = Path.Combine(Artifacts.Root, "artifacts", "twill-image.tar"), script = Path.Combine(Artifacts.Root, "build", "image.sh");
        string first = Command.Run("/bin/bash", script).Succeeded();
        byte[] content = File.ReadAllBytes(tar);
        Assert.Equal(first, Command.Run("/bin/bash", script).Succeeded());
        Assert.Equal(content, File.ReadAllBytes(tar));
        File.Copy(tar, Path.Combine(_machine.Host.Shared, "twill-image.tar"), overwrite: true);
        _machine.Ctr("image", "import", "--snapshotter", "native", Path.Combine(_machine.Host.Shared, "twill-image.tar")).Succeeded();
        string name = _machine.Ctr("image", "ls", "-q").Succeeded().Split('\n').Single(n => n.Contains("/twill:", StringComparison.Ordinal));
        string version = Command.Run(Artifacts.Twill, "--version").Succeeded();
        Assert.EndsWith($":{version.Split(' ')[1].Trim()}", name, StringComparison.Ordinal);
        Assert.Equal(version, _machine.Ctr("run", "--rm", "--snapshotter", "native", name, "image", "/twill", "--version").Succeeded());

        // The first thing a node's pod does: the plugin, written to a directory of the node.
        _machine.Ctr("run", "--rm", "--snapshotter", "native", "--mount", $"type=bind,src={_machine.Host.Shared},dst=/host/opt/cni/bin,options=rbind:rw", name, "init", "/twill", "install", "--plugin-only", "--root", "/host").Succeeded();
        Assert.Equal(File.ReadAllBytes(Artifacts.Plugin), File.ReadAllBytes(Path.Combine(_machine.Host.Shared, "twill")));
    }

    /// <summary>One containerd for the class.</summary>
    public sealed class Machine : IDisposable
    {
        private const string Socket = "/run/containerd/containerd.sock";

        private PrivateHost? _host;
        private Spy? _spy;

        internal PrivateHost Host => _host!;

        internal Spy Spy => _spy!;

        internal void Start()
        {
            if (_host is not null) return;
            _host = new PrivateHost();
            _spy = new Spy("/opt/cni/bin", Host.Shared, script => Host.Shell(script).Succeeded());
            Use(Shipped.ConfList);
            Host.Write("/etc/containerd/config.toml", Shipped.Read("containerd.toml"));

            // "serving" on the socket is its last word before it is ready; inotify is not needed, the log is a pipe that ends when we have read it.
            Host.Shell($$"""
                containerd > {{Host.Shared}}/containerd.log 2>&1 < /dev/null &
                tail -n +1 -f {{Host.Shared}}/containerd.log 2>/dev/null | { while read -r line; do case $line in *'successfully booted'*) exit 0 ;; esac; done; exit 1; } & wait $!
                """).Succeeded();
            string image = Path.Combine(Host.Shared, "tiny.tar");
            TinyImage.Write(image);
            Ctr("image", "import", "--snapshotter", "native", image).Succeeded();
        }

        public void Dispose() => _host?.Dispose();

        internal string Log() => File.ReadAllText(Path.Combine(Host.Shared, "containerd.log"));

        internal void Use(string confList)
        {
            Host.Write("/etc/cni/net.d/10-twillnet.conflist", confList);
            Spy.Forget();
        }

        internal ChildProcess.Outcome Ctr(params IReadOnlyList<string> words) => Host.Run(["ctr", "-a", Socket, .. words]);

        internal ChildProcess.Outcome Run(string how, string name, params string[] command) => Ctr(["run", how, "--cni", "--snapshotter", "native", TinyImage.Name, name, .. command]);

        internal void Kill(string name)
        {
            Ctr("task", "rm", "-f", name);
            Ctr("container", "rm", name).Succeeded();
        }

        internal IReadOnlyList<string> Audit(params Attachment[] expected) => Audit(Host.Network.Look(), expected);

        internal IReadOnlyList<string> Audit(HostState state, params Attachment[] expected) => Harness.Audit.Problems(state, expected, [Shipped.Bridge], Shipped.TablesOfOthers);
    }
}
