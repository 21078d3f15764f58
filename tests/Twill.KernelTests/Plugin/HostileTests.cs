using System.Text;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Plugin;

/// <summary>Input that nobody should send: each call ends at once with an error object of the right code, and changes nothing (F17, F18, F40).</summary>
public sealed class HostileTests(HostileHosts hosts) : IClassFixture<HostileHosts>
{
    private const int MaxRssKb = 128 * 1024;

    public static TheoryData<string> ContainerIds => ["../x", "", "a/b", ".a", "-a", "_a", "a b", "a:b", "a\nb", "a\tb", "a\u0001b", "a\u007fb", "änderung", "a\U0001F642", new string('a', 4096), new string('a', 100_000), "a\\..\\b", "a'b", "$(id)", "a;b", "*"];

    public static TheoryData<string> IfNames => ["", "a/b", ".", "..", "abcdefghijklmnop", "a b", "eth0:1", "a\tb", "a\nb", "éééééééé", "eth%d", "%s", new string('x', 4000)];

    [Theory]
    [MemberData(nameof(ContainerIds))]
    [Trait("cni", "E06")]
    [Trait("cni", "E04")]
    public void ContainerId_NotOfTheSpecification_IsCode4AndNothingChanges(string id)
    {
        foreach (HostNamespace host in hosts.Both)
        {
            foreach (string verb in (string[])["ADD", "DEL", "CHECK"])
            {
                PluginOutcome outcome = (hosts.Net.Call(verb, hosts.Pod) with { ContainerId = id }).In(host);
                Ended(outcome.FailedBySpec(4));
                Assert.Contains("CNI_CONTAINERID", outcome.Message, StringComparison.Ordinal);
            }
        }

        Assert.Null(hosts.Change());
    }

    [Theory]
    [MemberData(nameof(IfNames))]
    [Trait("cni", "E07")]
    [Trait("cni", "E04")]
    public void IfName_TheKernelCannotMean_IsCode4AndNothingChanges(string name)
    {
        foreach (HostNamespace host in hosts.Both)
        {
            PluginOutcome outcome = hosts.Net.Call("ADD", hosts.Pod, name).In(host);
            Ended(outcome.FailedBySpec(4));
            Assert.Contains("CNI_IFNAME", outcome.Message, StringComparison.Ordinal);
            PluginOutcome del = Ended(hosts.Net.Call("DEL", hosts.Pod, name).In(host));
            if (!del.Ok) del.FailedBySpec(4);
        }

        Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "E04")]
    [Trait("cni", "E03")]
    public void Environment_SeveralVariablesMissingOrWrong_AllAreNamed()
    {
        PluginOutcome outcome = (hosts.Net.Call("ADD") with { ContainerId = null, NetNs = null, IfName = "a/b" }).In(hosts.Cold).FailedBySpec(4);
        foreach (string name in (string[])["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]) Assert.Contains(name, outcome.Message, StringComparison.Ordinal);
        foreach (string verb in (string[])["add", "ADD ", "PURGE", "ADD\n", "🙂"]) hosts.Net.Call(verb, hosts.Pod).In(hosts.Cold).FailedBySpec(4);
        Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "E06")]
    public void Environment_BytesThatAreNoUtf8_AreRefused()
    {
        using var host = new HostNamespace();
        foreach (string variable in (string[])["CNI_CONTAINERID", "CNI_IFNAME", "CNI_NETNS"])
        {
            PluginOutcome outcome = hosts.Net.Call("ADD", host.NewPod()).InShell(host, $"export {variable}=\"$(printf 'a\\377\\300b')\"; exec \"$0\"");
            Ended(outcome.FailedBySpec(4));
        }
    }

    [Theory]
    [InlineData("missing", 4)]
    [InlineData("dangling link", 4)]
    [InlineData("link to itself", 4)]
    [InlineData("fifo", 4)]
    [InlineData("directory", 4)]
    [InlineData("file", 4)]
    [InlineData("empty file", 4)]
    [InlineData("socket", 4)]
    [InlineData("device", 4)]
    [InlineData("below a file", 4)]
    [InlineData("long path", 4)]
    [InlineData("stdin", 4)]
    [InlineData("mount namespace", 4)]
    [InlineData("user namespace", 4)]
    [InlineData("own", 8)]
    [InlineData("own, by the thread", 8)]
    [InlineData("link to own", 8)]
    [InlineData("the host's by pid 1", 8)]
    [Trait("cni", "A05")]
    [Trait("cni", "E11")]
    [Trait("cni", "D03")]
    public void NetNs_NotAPods_IsRefusedByAddAndNoObstacleToDel(string kind, int code)
    {
        string path = Obstacle(kind);
        foreach (HostNamespace host in hosts.Both)
        {
            PluginRun add = hosts.Net.Call("ADD", hosts.Pod) with { NetNs = path };
            PluginOutcome outcome = kind == "the host's by pid 1"
                ? add.Through(host, Command.Find("unshare"), ["--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", "\"$0\"; exit $?", add.Binary])
                : add.In(host);
            Ended(outcome.FailedBySpec(code));
            Assert.Contains("CNI_NETNS", outcome.Message, StringComparison.Ordinal);

            PluginOutcome del = Ended((hosts.Net.Call("DEL", hosts.Pod) with { NetNs = path }).In(host));
            if (code == 4) del.Succeeded();
        }

        Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "A01")]
    public void NetNs_LinkToAPods_Works()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        string link = Path.Combine(hosts.Directory, "good");
        File.CreateSymbolicLink(link, pod.Path);
        PluginOutcome add = (hosts.Net.Call("ADD", pod) with { NetNs = link }).In(host).Succeeded();
        Assert.Equal(link, add.Result.Interfaces.Single(i => i.Name == "eth0").Sandbox);
        Assert.Null(pod.PingProblem("10.88.0.1"));
        (hosts.Net.Call("DEL", pod) with { NetNs = link }).In(host).Succeeded();
        Expect.None(hosts.Net.Audit(host));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("blank")]
    [InlineData("array")]
    [InlineData("array of objects")]
    [InlineData("null")]
    [InlineData("number")]
    [InlineData("string")]
    [InlineData("two objects")]
    [InlineData("not utf-8")]
    [InlineData("utf-16")]
    [InlineData("nul bytes")]
    [InlineData("deep array")]
    [InlineData("deep object in an unknown key")]
    [InlineData("deep prevResult")]
    [InlineData("a list")]
    [InlineData("no name")]
    [InlineData("bad name")]
    [InlineData("name of a path")]
    [InlineData("version of the future")]
    [InlineData("version is a number")]
    [InlineData("lone surrogate")]
    [InlineData("100 MB of blanks")]
    [InlineData("100 MB string")]
    [InlineData("100 MB of keys")]
    [Trait("cni", "C02")]
    [Trait("cni", "C03")]
    [Trait("cni", "X01")]
    public void Input_NotAConfiguration_IsRefusedInBoundedTimeAndMemory(string kind)
    {
        byte[] input = Input(kind);
        foreach (HostNamespace host in hosts.Both)
        {
            PluginRun add = hosts.Net.Call("ADD", hosts.Pod) with { Input = input };
            PluginOutcome outcome = add.In(host);
            if (kind.StartsWith("version", StringComparison.Ordinal)) outcome.FailedBySpec(1, 7);
            else if (kind == "deep object in an unknown key" && outcome.Ok) hosts.Net.Del(host, hosts.Pod).Succeeded();
            else outcome.FailedBySpec(5, 6, 7);
            Ended(outcome);
        }

        if (kind.StartsWith("100 MB", StringComparison.Ordinal))
        {
            TraceReport report = TracedRun.Of(hosts.Net.Call("ADD", hosts.Pod) with { Input = input }, hosts.Cold, Strike.Never).Report;
            Assert.InRange(report.MaxRssKb, 1, MaxRssKb);
        }

        if (kind != "deep object in an unknown key") Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "C02")]
    public void Input_CutAtEveryByte_IsRefusedAndNothingChanges()
    {
        byte[] whole = hosts.Net.Call("ADD", hosts.Pod).Input.ToArray();
        Workers.ForEach([.. Enumerable.Range(0, whole.Length)], 2, length => (hosts.Net.Call("ADD", hosts.Pod) with { Input = whole.AsMemory(0, length) }).In(hosts.Warm).FailedBySpec(6, 7));
        Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "C02")]
    public void Input_SlowButComplete_IsServed()
    {
        using var host = new HostNamespace();
        Pod pod = host.NewPod();
        hosts.Net.Call("ADD", pod).InShell(host, "{ head -c 20; sleep 0.3; head -c 20; sleep 0.3; cat; } | \"$0\"").Succeeded();
        hosts.Net.Del(host, pod).Succeeded();
    }

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    [InlineData("GC")]
    [Trait("cni", "C02")]
    public void Input_SilentForEver_EndsWithinBounds(string verb)
    {
        // A fifo opened for both directions: a writer that lives and says nothing.
        string fifo = Path.Combine(hosts.Directory, $"silent-{verb}");
        Command.Run(Command.Find("mkfifo"), fifo).Succeeded();
        PluginRun run = verb == "GC" ? hosts.Net.Gc() : hosts.Net.Call(verb, hosts.Pod);
        PluginOutcome outcome = run.InShell(hosts.Warm, $"exec 3<>{fifo}; exec \"$0\" <&3");
        Assert.False(outcome.TimedOut);
        if (verb == "DEL" && outcome.Ok) outcome.Succeeded();
        else outcome.FailedBySpec(5, 6, 7);
        Assert.Null(hosts.Change());
    }

    [Fact]
    [Trait("cni", "D02")]
    public void Del_InputBrokenInAnyWay_StillFrees()
    {
        foreach (string kind in (string[])["empty", "not utf-8", "array", "no name", "version of the future", "100 MB of blanks", "deep array"])
        {
            using var host = new HostNamespace();
            Pod pod = host.NewPod();
            hosts.Net.Add(host, pod).Succeeded();
            PluginOutcome del = (hosts.Net.Call("DEL", pod) with { Input = Input(kind) }).In(host);
            if (!del.Ok) del.FailedBySpec(1, 5, 6, 7);
            Expect.None(hosts.Net.Audit(host));
        }
    }

    [Theory]
    [InlineData("<&-", false)]
    [InlineData(">&-", false)]
    [InlineData("2>&-", true)]
    [InlineData(">/dev/full", false)]
    [InlineData("<&- >&- 2>&-", false)]
    [InlineData(">&- 2>&-", false)]
    [InlineData("| :", false)]
    [Trait("cni", "E09")]
    [Trait("cni", "A06")]
    public void Streams_ClosedOrFull_AddLeavesNothingAndDelFrees(string redirection, bool succeeds)
    {
        using var host = new HostNamespace();
        Net net = hosts.Net;
        Pod neighbour = host.NewPod(), pod = host.NewPod();
        Attachment there = net.AttachmentOf(net.Add(host, neighbour).Succeeded());
        string before = host.Dump();
        bool piped = redirection.StartsWith('|');

        PluginOutcome add = Ended(net.Call("ADD", pod).InShell(host, piped ? "{ \"$0\"; echo $? >&2; } | { exec 0<&-; sleep 0.2; }" : $"exec \"$0\" {redirection}"));
        if (succeeds)
        {
            Attachment attached = net.AttachmentOf(add.Succeeded());
            Expect.None(net.Audit(host, there, attached));
        }
        else if (piped)
        {
            // The reader may have closed before or after the result went into the pipe.
            bool delivered = add.Error.Trim() == "0";
            Expect.None(delivered ? net.Audit(host, there, new Attachment(pod.ContainerId, "eth0", null, net.Shaped)) : net.Audit(host, there));
        }
        else
        {
            Assert.NotEqual(0, add.ExitCode);
            Assert.InRange(add.ExitCode, 1, 127);
            Expect.None(net.Audit(host, there));
            Assert.Empty(pod.Links());
            Assert.Equal(WithoutHint(before), WithoutHint(host.Dump()));
        }

        net.Del(host, pod).Succeeded();
        Pod again = host.NewPod();
        net.Add(host, again).Succeeded();
        PluginOutcome del = Ended(net.Call("DEL", again).InShell(host, $"exec \"$0\" {(piped ? "" : redirection)}"));
        Assert.InRange(del.ExitCode, 0, 127);
        Assert.Null(host.Look().Link($"twill:{again.ContainerId}:eth0"));

        // The bridge's alias ends in the address last given out, which a failed ADD may have moved.
        static string WithoutHint(string dump) => string.Join('\n', dump.Split('\n').Where(l => !l.Contains("alias twill bridge", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("cni", "A12")]
    [Trait("cni", "X04")]
    public void Add_SignalledAtEveryPoint_LeavesNothingAfterDel()
    {
        const int SIGHUP = 1, SIGINT = 2, SIGPIPE = 13, SIGTERM = 15;
        var campaign = new Campaign(Net.Dual(), "ADD signalled");
        foreach (int signal in (int[])[SIGTERM, SIGINT, SIGHUP, SIGPIPE])
        {
            campaign.With("DEL", warm: true, point => Strike.Signal(point, signal), (s, strike) =>
            {
                Pod pod = s.Host.NewPod();
                PluginOutcome outcome = TracedRun.Of(s.Net.Call("ADD", pod), s.Host, strike).Outcome;
                if (outcome.Ok) s.Accept(pod, outcome, "ADD that went on");
                else if (outcome.ExitCode != 128 + signal) s.Note(FindingKind.Add, outcome.SpecProblem());
                if (outcome.Ok) s.Audit("after ADD");
                s.Detach(pod);
            });
        }

        Tally tally = campaign.Run(s => TracedRun.Of(s.Net.Call("ADD", s.Host.NewPod()), s.Host, Strike.Never).Report.Points.Count);
        Assert.True(tally.Runs > 0 && tally.Texts.Count == 0, $"{Tally.Header}\n{tally}\n{string.Join('\n', tally.Texts)}");
    }

    [Theory]
    [InlineData("bridge", "\"a/b\"")]
    [InlineData("bridge", "\"abcdefghijklmnop\"")]
    [InlineData("bridge", "\"br%d\"")]
    [InlineData("bridge", "\"..\"")]
    [InlineData("mtu", "-1")]
    [InlineData("mtu", "1e999")]
    [InlineData("mtu", "99999999999999999999")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.0/31\"}]]")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.0/33\"}]]")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.7/24\"}]]")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.0/24\"}],[{\"subnet\":\"10.88.0.0/16\"}]]")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.0/24\",\"rangeStart\":\"10.88.0.9\",\"rangeEnd\":\"10.88.0.3\"}]]")]
    [InlineData("ipam.ranges", "[[{\"subnet\":\"10.88.0.0/24\",\"gateway\":\"fd88::1\"}]]")]
    [InlineData("ipam.type", "\"../../bin/sh\"")]
    [InlineData("ipam.type", "\"no-such-plugin\"")]
    [InlineData("runtimeConfig", "{\"ips\":[\"10.99.0.7\"]}")]
    [InlineData("runtimeConfig", "{\"mac\":\"ff:ff:ff:ff:ff:ff\"}")]
    [InlineData("runtimeConfig", "{\"bandwidth\":{\"ingressRate\":1000}}")]
    [InlineData("prevResult", "{\"cniVersion\":\"1.1.0\",\"ips\":\"x\"}")]
    [Trait("cni", "C02")]
    [Trait("cni", "C11")]
    [Trait("cni", "P03")]
    public void Configuration_ThatCannotBeMeant_IsRefusedAndNothingChanges(string key, string value)
    {
        Net net = Net.Plain().With(key, System.Text.Json.Nodes.JsonNode.Parse(value));
        foreach (HostNamespace host in hosts.Both)
        {
            PluginOutcome outcome = Ended(net.Call("ADD", hosts.Pod).In(host).FailedBySpec(2, 4, 6, 7));
            Assert.Equal("", outcome.Error);
        }

        Assert.Null(hosts.Change());
    }

    private static PluginOutcome Ended(PluginOutcome outcome)
    {
        Assert.False(outcome.TimedOut, outcome.ToString());
        return outcome;
    }

    /// <summary>Something that is no pod's namespace, and its path.</summary>
    private string Obstacle(string kind)
    {
        string path = Path.Combine(hosts.Directory, kind.Replace(' ', '-').Replace(',', '-'));
        switch (kind)
        {
            case "dangling link": File.CreateSymbolicLink(path, "/run/netns/no-such-pod"); break;
            case "link to itself": File.CreateSymbolicLink(path, path); break;
            case "fifo": Command.Run(Command.Find("mkfifo"), path).Succeeded(); break;
            case "directory": Directory.CreateDirectory(path); break;
            case "file": File.WriteAllText(path, "hello"); break;
            case "empty file": File.WriteAllText(path, ""); break;
            case "socket":
                using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified)) socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
                break;
            case "device": return "/dev/zero";
            case "below a file": return "/etc/passwd/net";
            case "long path": return $"/{new string('x', 4000)}";
            case "stdin": return "/proc/self/fd/0";
            case "mount namespace": return "/proc/self/ns/mnt";
            case "user namespace": return "/proc/self/ns/user";
            case "own": return "/proc/self/ns/net";
            case "own, by the thread": return "/proc/thread-self/ns/net";
            case "link to own": File.CreateSymbolicLink(path, "/proc/self/ns/net"); break;
            case "the host's by pid 1": return "/proc/1/ns/net";
            default: break;
        }

        return path;
    }

    private byte[] Input(string kind)
    {
        const int Deep = 200_000, Huge = 100 * 1024 * 1024;
        string good = Encoding.UTF8.GetString(hosts.Net.Call("ADD", hosts.Pod).Input.Span);
        switch (kind)
        {
            case "empty": return [];
            case "blank": return "  \n\t "u8.ToArray();
            case "array": return "[]"u8.ToArray();
            case "array of objects": return Encoding.UTF8.GetBytes($"[{good}]");
            case "null": return "null"u8.ToArray();
            case "number": return "1e5"u8.ToArray();
            case "string": return "\"x\""u8.ToArray();
            case "two objects": return Encoding.UTF8.GetBytes(good + good);
            case "not utf-8": return [.. Encoding.UTF8.GetBytes(good[..^1]), .. ",\"x\":\""u8, 0xff, 0xc0, 0x80, .. "\"}"u8];
            case "utf-16": return [0xff, 0xfe, .. Encoding.Unicode.GetBytes(good)];
            case "nul bytes": return new byte[100];
            case "deep array": return Encoding.ASCII.GetBytes(new string('[', Deep));
            case "deep object in an unknown key": return Encoding.UTF8.GetBytes($"{good[..^1]},\"x\":{new string('[', Deep)}{new string(']', Deep)}}}");
            case "deep prevResult": return Encoding.UTF8.GetBytes($"{good[..^1]},\"prevResult\":{{\"x\":{new string('[', Deep)}{new string(']', Deep)}}}}}");
            case "a list": return Encoding.UTF8.GetBytes($"{{\"cniVersion\":\"1.1.0\",\"plugins\":[{good}]}}");
            case "no name": return Encoding.UTF8.GetBytes(good.Replace("\"name\"", "\"nome\"", StringComparison.Ordinal));
            case "bad name": return Encoding.UTF8.GetBytes(good.Replace("\"proof\"", "\"a b\"", StringComparison.Ordinal));
            case "name of a path": return Encoding.UTF8.GetBytes(good.Replace("\"proof\"", "\"../../etc\"", StringComparison.Ordinal));
            case "version of the future": return Encoding.UTF8.GetBytes(good.Replace("\"1.1.0\"", "\"9.0.0\"", StringComparison.Ordinal));
            case "version is a number": return Encoding.UTF8.GetBytes(good.Replace("\"1.1.0\"", "1.1", StringComparison.Ordinal));
            case "lone surrogate": return Encoding.UTF8.GetBytes(good.Replace("\"proof\"", "\"\\ud800\"", StringComparison.Ordinal));
            case "100 MB of blanks":
                byte[] blanks = new byte[Huge];
                Array.Fill(blanks, (byte)' ');
                return blanks;
            case "100 MB string":
                byte[] text = new byte[Huge];
                Array.Fill(text, (byte)'x');
                "{\"cniVersion\":\""u8.CopyTo(text);
                return text;
            case "100 MB of keys":
                byte[] keys = new byte[Huge];
                for (int i = 0; i + 8 <= Huge; i += 8) "\"k\":\"v\","u8.CopyTo(keys.AsSpan(i));
                keys[0] = (byte)'{';
                return keys;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an input");
        }
    }
}
