using System.Text.Json.Nodes;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>twill cni, as a person types it.</summary>
public sealed class CniCommandTests
{
    [Fact]
    public void CniCommand_AddCheckStatusDel_SayWhatWasMadeAndUndoIt()
    {
        using var stage = new Stage();
        string conf = stage.Write("pods.conflist", Lists.Alone());
        Pod pod = stage.Host.NewPod();
        string name = Path.GetFileName(pod.Path);

        ChildProcess.Outcome add = Twill(stage, "add", conf, name);
        Assert.Equal(0, add.ExitCode);
        string[] rows = [.. add.OutputText.Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2)))];
        Assert.Equal("bridge cni-tw0; veth tw", $"{rows[0]}; {rows[1][..7]}");
        Assert.Equal(["inside eth0", "address 10.88.0.2/24", "route default", "called twill"], rows[2..]);
        Assert.Contains("next: twill cni check", add.ErrorText, StringComparison.Ordinal);
        Assert.Null(pod.PingProblem("10.88.0.1"));

        Assert.Equal(0, Twill(stage, "check", conf, name).ExitCode);
        Assert.Equal(0, Twill(stage, "status", conf).ExitCode);
        pod.Ip("route del default");
        ChildProcess.Outcome check = Twill(stage, "check", conf, pod.Path);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("code 102", check.ErrorText, StringComparison.Ordinal);

        Assert.Equal(0, Twill(stage, "del", conf, name).ExitCode);
        Assert.Equal(0, Twill(stage, "del", conf, name).ExitCode);
        Assert.Empty(stage.Audit([]));
        ChildProcess.Outcome json = Twill(stage, "add", conf, name, "-o", "json");
        Assert.Equal("1.1.0", (string?)JsonNode.Parse(json.OutputText)!["cniVersion"]);
        Assert.Equal(0, Twill(stage, "del", conf, name).ExitCode);
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    public void CniCommand_Gc_AsksFirstThenRemovesWhatHasNoNamespace()
    {
        using var stage = new Stage();
        string conf = stage.Write("pods.conflist", Lists.Chained()
            .Replace("\"net.core.somaxconn\": \"500\"", "", StringComparison.Ordinal));
        Pod living = stage.Host.NewPod(), dead = stage.Host.NewPod();
        foreach (Pod pod in (Pod[])[living, dead]) Assert.Equal(0, Twill(stage, "add", conf, pod.Path, "--container-id", pod.ContainerId).ExitCode);
        dead.Vanish();
        ChildProcess.Outcome plan = Twill(stage, "gc", conf);
        Assert.Contains($"living   {living.ContainerId}:eth0", plan.OutputText, StringComparison.Ordinal);
        Assert.Contains($"gone     {dead.ContainerId}:eth0", plan.OutputText, StringComparison.Ordinal);
        Assert.Contains("nothing was done", plan.ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, stage.Cache.List("pods").Count);
        ChildProcess.Outcome done = Twill(stage, "gc", conf, "--yes");
        Assert.Equal(0, done.ExitCode);
        Assert.Equal([stage.Key(living)], stage.Cache.List("pods").Select(c => c.Key));
        Assert.Empty(stage.Audit([stage.Of(living)]));
    }

    [Theory]
    [InlineData(4, "no network namespace", "add", "{conf}", "nosuchnamespace")]
    [InlineData(4, "cannot be read", "add", "/nosuchfile", "{pod}")]
    [InlineData(2, "is no network configuration", "add", "{broken}", "{pod}")]
    [InlineData(2, "interface name", "add", "{conf}", "{pod}", "--ifname", "a/b")]
    [InlineData(2, "not JSON", "add", "{conf}", "{pod}", "--capability", "{")]
    [InlineData(2, "container id", "add", "{conf}", "{pod}", "--container-id", "-x")]
    [InlineData(4, "is not attached", "check", "{conf}", "{pod}")]
    [InlineData(1, "code 7", "add", "{wrong}", "{pod}")]
    [InlineData(4, "is in none of", "add", "{missing}", "{pod}")]
    [InlineData(2, "needs NETNS", "add", "{conf}")]
    public void CniCommand_Wrong_SaysWhatAndHasTheExitCode(int code, string words, params string[] typed)
    {
        using var stage = new Stage();
        Pod pod = stage.Host.NewPod();
        var places = new Dictionary<string, string>
        {
            ["{pod}"] = pod.Path,
            ["{conf}"] = stage.Write("pods.conflist", Lists.Alone()),
            ["{broken}"] = stage.Write("broken.conflist", "{\"name\": \"x\""),
            ["{wrong}"] = stage.Write("wrong.conf", """{"cniVersion": "1.0.0", "name": "x", "type": "twill", "mtu": "big"}"""),
            ["{missing}"] = stage.Write("missing.conf", """{"cniVersion": "1.0.0", "name": "x", "type": "nosuchplugin"}"""),
        };
        ChildProcess.Outcome outcome = Twill(stage, [.. typed.Select(t => places.GetValueOrDefault(t, t))]);
        Assert.Equal(code, outcome.ExitCode);
        Assert.Equal("", outcome.OutputText);
        Assert.Contains(words, outcome.ErrorText, StringComparison.Ordinal);
        Assert.Empty(stage.Audit([]));
    }

    [Fact]
    public void CniCommand_Folder_FirstFileByNameIsTaken()
    {
        using var stage = new Stage();
        Directory.CreateDirectory(Path.Combine(stage.Directory, "net.d"));
        stage.Write("net.d/20-b.conflist", Lists.Alone("second"));
        stage.Write("net.d/10-a.conflist", Lists.Alone("first"));
        Assert.Contains("network first", Twill(stage, "status", Path.Combine(stage.Directory, "net.d")).OutputText, StringComparison.Ordinal);
    }

    private static ChildProcess.Outcome Twill(Stage stage, params IReadOnlyList<string> words)
        => stage.Host.Exec(Artifacts.Twill, ["cni", .. words, .. words.Count > 2 || words[0] is "gc" or "status" ? (string[])["--cache-dir", Path.Combine(stage.Directory, "cache"), "--cni-path", Artifacts.ReferenceDirectory] : []]);
}
