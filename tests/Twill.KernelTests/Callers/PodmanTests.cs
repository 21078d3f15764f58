using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>podman with its CNI back end, installed from the distribution, on a machine of its own.</summary>
public sealed class PodmanTests : IClassFixture<PodmanTests.Machine>, IDisposable
{
    private readonly Machine _machine;

    public PodmanTests(Machine machine)
    {
        Requirement.Need("podman", "podman", "conmon", "runc", "nsenter", TinyImage.Busybox, Artifacts.Reference("portmap"), Artifacts.Reference("firewall"), Artifacts.Reference("tuning"));
        _machine = machine;
        machine.Start();
    }

    public void Dispose() => _machine.RemoveAll();

    [Fact]
    [Trait("cni", "L06")]
    public void Podman_TwoContainersDualStack_ReachEachOtherAndTheHostAndLeaveNothing()
    {
        _machine.Spy.Forget();
        string a = _machine.Create("a"), b = _machine.Create("b");
        JsonNode atA = _machine.NetworkOf("a"), atB = _machine.NetworkOf("b");
        foreach ((string from, JsonNode to) in (IEnumerable<(string, JsonNode)>)[("a", atB), ("b", atA)])
        {
            _machine.Reaches(from, (string)to["IPAddress"]!);
            _machine.Reaches(from, (string)to["GlobalIPv6Address"]!);
            _machine.Reaches(from, "10.88.0.1");
            _machine.Reaches(from, "fd88::1");
            Assert.Equal(0, _machine.Host.Network.Exec("ping", ["-n", "-c", "1", "-W", "1", (string)to["IPAddress"]!]).ExitCode);
            Assert.Equal(0, _machine.Host.Network.Exec("ping", ["-n", "-c", "1", "-W", "1", (string)to["GlobalIPv6Address"]!]).ExitCode);
        }

        // Negative control: nobody has this address, and an audit that expects nobody finds both.
        Assert.NotNull(_machine.PingProblem("a", "10.88.99.99"));
        Attachment[] both = [Of(a, atA), Of(b, atB)];
        Assert.Empty(_machine.Audit(both));
        Assert.Equal(2, _machine.Audit([]).Count(p => p.StartsWith("leaked link", StringComparison.Ordinal)));

        _machine.Remove("a");
        Assert.Empty(_machine.Audit([both[1]]));
        _machine.Reaches("b", "fd88::1");
        _machine.Remove("b");
        Assert.Empty(_machine.Audit([]));
        Assert.Empty(_machine.Host.Files("/var/lib/cni"));
        Assert.Empty(_machine.Host.Files("/run/netns"));

        // What podman calls: ADD in order, DEL backwards, with the cached result and the same namespace; nothing else.
        Assert.Equal("ADD twill, ADD portmap, ADD firewall, ADD tuning, DEL tuning, DEL firewall, DEL portmap, DEL twill", _machine.Spy.Order(a));
        Spy.Seen del = _machine.Spy.Calls().Single(c => c.ContainerId == a && c is { Verb: "DEL", Plugin: "twill" });
        Assert.StartsWith("/run/netns/netns-", del.NetNs, StringComparison.Ordinal);
        Assert.Equal("0.4.0", (string?)del.Input["cniVersion"]);
        Assert.NotNull(del.Input["prevResult"]);
        Assert.DoesNotContain(_machine.Spy.Calls(), c => c.Verb is "CHECK" or "GC" or "STATUS");
    }

    [Fact]
    [Trait("cni", "P03")]
    [Trait("cni", "P04")]
    public void Podman_NetworkReload_SameAddressesNewPairAndTrafficGoesOn()
    {
        _machine.Create("free");
        _machine.Create("fixed", "--ip", "10.88.7.7", "--ip6", "fd88::7:7", "--mac-address", "92:d0:c6:0a:29:33");
        try
        {
            string freeBefore = _machine.NetworkOf("free").ToJsonString(), fixedBefore = _machine.NetworkOf("fixed").ToJsonString();
            Assert.Contains("\"10.88.7.7\"", fixedBefore, StringComparison.Ordinal);
            Assert.Contains("\"fd88::7:7\"", fixedBefore, StringComparison.Ordinal);
            Assert.Contains("\"92:d0:c6:0a:29:33\"", fixedBefore, StringComparison.Ordinal);
            int[] before = HostEnds();
            _machine.Host.Network.Ip($"link del {_machine.Host.Network.Look().Links.First(l => before.Contains(l.Index)).Name}");
            _machine.Podman("network", "reload", "--all").Succeeded();
            Assert.Equal(2, HostEnds().Except(before).Count());
            Assert.Equal(freeBefore, _machine.NetworkOf("free").ToJsonString());
            Assert.Equal(fixedBefore, _machine.NetworkOf("fixed").ToJsonString());
            Assert.Contains("link/ether 92:d0:c6:0a:29:33", _machine.Podman("exec", "fixed", "ip", "link", "show", "eth0").Succeeded(), StringComparison.Ordinal);
            _machine.Reaches("free", "10.88.7.7");
            _machine.Reaches("free", "fd88::7:7");
        }
        finally
        {
            _machine.Remove("free", "fixed");
        }

        Assert.Empty(_machine.Audit([]));

        int[] HostEnds() => [.. _machine.Host.Network.Look().Links.Where(l => l.Master == Shipped.Bridge).Select(l => l.Index)];
    }

    [Fact]
    [Trait("cni", "A06")]
    public void Podman_AddressTaken_IsRefusedInWordsAndNothingIsLeft()
    {
        string first = _machine.Create("first", "--ip", "10.88.7.8");
        try
        {
            ChildProcess.Outcome second = _machine.Podman([.. Machine.RunWords, "--name", "second", "--ip", "10.88.7.8", "tiny", "sleep", "300"]);
            Assert.NotEqual(0, second.ExitCode);
            Assert.Contains("10.88.7.8", second.ErrorText, StringComparison.Ordinal);
            Assert.Contains("plugin type=\"twill\"", second.ErrorText, StringComparison.Ordinal);
            _machine.Remove("second");
            Assert.Empty(_machine.Audit([Of(first, _machine.NetworkOf("first"))]));
        }
        finally
        {
            _machine.Remove("first");
        }

        Assert.Empty(_machine.Audit([]));
    }

    [Fact]
    public void Podman_HostPort_IsReachedOnTheHostsAddressUntilTheContainerGoes()
    {
        _machine.Create("web", ["-p", "8088:80"], "httpd", "-f", "-h", "/www");
        Assert.Contains("hello from the pod", Get(), StringComparison.Ordinal);
        _machine.Remove("web");
        Assert.DoesNotContain("hello", Get(), StringComparison.Ordinal);
        Assert.Empty(_machine.Audit([]));

        string Get() => _machine.Host.Network.Exec(TinyImage.Busybox, ["nc", "-w", "2", "10.88.0.1", "8088"], "GET / HTTP/1.0\r\n\r\n").OutputText;
    }

    [Fact]
    [Trait("cni", "P01")]
    public void Podman_HostPortByTwillAlone_IsReachedUntilTheContainerGoes()
    {
        var list = JsonNode.Parse(Shipped.ConfList)!;
        JsonArray plugins = list["plugins"]!.AsArray();
        plugins.Remove(plugins.Single(p => (string?)p!["type"] == "portmap"));
        plugins[0]!["capabilities"]!["portMappings"] = true;
        _machine.Host.Write("/etc/cni/net.d/10-twillnet.conflist", list.ToJsonString());
        try
        {
            _machine.Create("web", ["-p", "8088:80", "-p", "127.0.0.1:8089:80"], "httpd", "-f", "-h", "/www");
            foreach ((string address, string port) in (IEnumerable<(string, string)>)[("10.88.0.1", "8088"), ("127.0.0.1", "8088"), ("127.0.0.1", "8089"), ("fd88::1", "8088")])
                Assert.Contains("hello from the pod", Get(address, port), StringComparison.Ordinal);
            Assert.Contains("8088/tcp is held by", _machine.Podman([.. Machine.RunWords, "--name", "second", "-p", "8088:80", "tiny", "sleep", "300"]).ErrorText, StringComparison.Ordinal);
            _machine.Remove("second", "web");
            Assert.DoesNotContain("hello", Get("10.88.0.1", "8088"), StringComparison.Ordinal);
        }
        finally
        {
            _machine.Host.Write("/etc/cni/net.d/10-twillnet.conflist", Shipped.ConfList);
        }

        string Get(string address, string port) => _machine.Host.Network.Exec(TinyImage.Busybox, ["nc", "-w", "2", address, port], "GET / HTTP/1.0\r\n\r\n").OutputText;
    }

    [Fact]
    [Trait("cni", "G13")]
    public void Podman_GarbageCollectionByHand_ContainersThatPodmanCachedLiveOthersDoNot()
    {
        _machine.Create("kept");
        string list = Path.Combine(_machine.Host.Shared, "newest.conflist");
        File.WriteAllText(list, Shipped.Read("10-twill.conflist"));
        string said = Collect();
        Assert.Contains("1 living", said, StringComparison.Ordinal);
        Assert.Contains("each plugin was told to collect", said, StringComparison.Ordinal);
        _machine.Reaches("kept", "10.88.0.1");

        // The control, and the trap of two runtimes with one name: what is not in the list loses its interface.
        _machine.Host.Shell("mv /var/lib/cni/results /var/lib/cni/hidden").Succeeded();
        Assert.Contains("0 living", Collect(), StringComparison.Ordinal);
        Assert.NotNull(_machine.PingProblem("kept", "10.88.0.1"));
        _machine.Host.Shell("mv /var/lib/cni/hidden /var/lib/cni/results").Succeeded();
        _machine.Remove("kept");
        Assert.Empty(_machine.Audit([]));

        string Collect() => _machine.Host.Run(Artifacts.Twill, "cni", "gc", list, "--yes").Succeeded();
    }

    [Fact]
    [Trait("cni", "C15")]
    public void Podman_ListOf110_IsNotUsed()
    {
        try
        {
            _machine.Host.Write("/etc/cni/net.d/10-twillnet.conflist", Shipped.Read("10-twill.conflist"));
            ChildProcess.Outcome run = _machine.Podman([.. Machine.RunWords, "--name", "newer", "tiny", "sleep", "300"]);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains("1.1.0", run.ErrorText, StringComparison.Ordinal);
        }
        finally
        {
            _machine.Host.Write("/etc/cni/net.d/10-twillnet.conflist", Shipped.ConfList);
        }

        // Nor does it know the subnets of a list whose first plugin is not "bridge".
        Assert.DoesNotContain("10.88.0.0/16", _machine.Podman("network", "inspect", Shipped.Network).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Podman_TwillUnderTheNameBridge_NetworksThatPodmanMakesAreOurs()
    {
        _machine.Host.Shell("mkdir -p /opt/cni/bridge && ln -s ../bin/twill /opt/cni/bridge/bridge").Succeeded();
        _machine.Host.Write("/etc/containers/containers.conf", Shipped.Read("bridge-by-twill.conf"));
        try
        {
            _machine.Podman("network", "create", "--subnet", "10.90.9.0/24", "--ipv6", "--subnet", "fd90:9::/64", "own").Succeeded();
            _machine.Create("mine", "--network", "own", "--ip", "10.90.9.7");
            _machine.Reaches("mine", "10.90.9.1");
            _machine.Reaches("mine", "fd90:9::1");
            LinkState ours = Assert.Single(_machine.Host.Network.Look().Links, l => l.Master == "cni-podman1");
            Assert.Equal(["10.90.9.7"], Harness.Audit.Claims(ours).Where(c => c.Contains('.', StringComparison.Ordinal)));
            _machine.Remove("mine");
            _machine.Podman("network", "rm", "own").Succeeded();
            Assert.DoesNotContain(_machine.Host.Network.Look().Links, l => l.Name == "cni-podman1");
        }
        finally
        {
            _machine.Remove("mine");
            _machine.Host.Write("/etc/containers/containers.conf", Shipped.Read("containers.conf"));
        }
    }

    private static Attachment Of(string id, JsonNode network) => new(id, "eth0", [(string)network["IPAddress"]!, (string)network["GlobalIPv6Address"]!]);

    /// <summary>One machine for the class.</summary>
    public sealed class Machine : IDisposable
    {
        // The limits: a container in a container may not raise them. runc: crun does not run where both cgroup hierarchies are mounted.
        internal static string[] RunWords { get; } = ["run", "-d", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--cap-add", "NET_RAW"];

        private PrivateHost? _host;
        private Spy? _spy;

        internal PrivateHost Host => _host!;

        internal Spy Spy => _spy!;

        internal void Start()
        {
            if (_host is not null) return;
            _host = new PrivateHost();
            _spy = new Spy("/opt/cni/bin", Host.Shared, script => Host.Shell(script).Succeeded());
            Host.Write("/etc/cni/net.d/10-twillnet.conflist", Shipped.ConfList);
            Host.Write("/etc/containers/containers.conf", Shipped.Read("containers.conf"));
            Host.Write("/etc/containers/policy.json", """{"default": [{"type": "insecureAcceptAnything"}]}""");
            string image = Path.Combine(Host.Shared, "tiny.tar");
            TinyImage.Write(image);
            Podman("load", "-i", image).Succeeded();
        }

        public void Dispose() => _host?.Dispose();

        internal ChildProcess.Outcome Podman(params IReadOnlyList<string> words)
            => Host.Run(["podman", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--storage-driver", "vfs", "--runtime", Command.Find("runc"), .. words]);

        /// <returns>The container's id.</returns>
        internal string Create(string name, params string[] options) => Create(name, options, "sleep", "300");

        internal string Create(string name, string[] options, params string[] command)
            => Podman([.. RunWords, "--name", name, .. options, "tiny", .. command]).Succeeded().Trim();

        internal void Remove(params string[] names) => Podman(["rm", "-f", "-t", "0", "--ignore", .. names]).Succeeded();

        internal void RemoveAll()
        {
            if (_host is not null) Podman("rm", "-f", "-t", "0", "--all");
        }

        internal JsonNode NetworkOf(string name) => JsonNode.Parse(Podman("inspect", name, "-f", "{{json .NetworkSettings.Networks}}").Succeeded())![Shipped.Network]!;

        internal void Reaches(string name, string address)
        {
            string? problem = PingProblem(name, address);
            Assert.True(problem is null, $"{problem}");
        }

        internal string? PingProblem(string name, string address)
        {
            ChildProcess.Outcome outcome = Podman("exec", name, "ping", "-c", "2", "-i", "0.3", "-w", "3", "-W", "1", address);
            return outcome.ExitCode == 0 ? null : $"{name} does not reach {address}: {outcome.OutputText}{outcome.ErrorText}";
        }

        internal IReadOnlyList<string> Audit(Attachment[] expected) => Harness.Audit.Problems(Host.Network.Look(), expected, [Shipped.Bridge], Shipped.TablesOfOthers);
    }
}
