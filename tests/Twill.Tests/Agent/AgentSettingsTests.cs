using System.CommandLine;
using Twill.Agent;
using Twill.Cli;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class AgentSettingsTests
{
    [Theory]
    [InlineData("file:/etc/twill/nodes.yaml")]
    [InlineData("etcd://10.0.0.1:2379")]
    [InlineData("etcd://10.0.0.1:2379,[fd00::1]:2379,etcd.local:2379")]
    [InlineData("kubernetes")]
    [InlineData("kubernetes:/root/.kube/config")]
    public void Source_AsTyped_PrintsItselfAgain(string text) => Assert.Equal(text, SourceChoice.Parse(text, out _)?.ToString());

    [Theory]
    [InlineData("file:", "expected file:PATH")]
    [InlineData("nodes.yaml", "expected file:PATH")]
    [InlineData("etcd://", "not HOST:PORT")]
    [InlineData("etcd://10.0.0.1", "not HOST:PORT")]
    [InlineData("etcd://10.0.0.1:2379/x", "not HOST:PORT")]
    [InlineData("etcd://10.0.0.1:2379,,", "not HOST:PORT")]
    [InlineData("kubernetes:", "expected file:PATH")]
    public void Source_Nonsense_IsRefusedWithTheForm(string text, string words)
    {
        Assert.Null(SourceChoice.Parse(text, out string fault));
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    /// <summary>What `install` writes into the unit means what was typed.</summary>
    [Theory]
    [InlineData("--node n1 --source file:/n.yaml")]
    [InlineData("--node n1 --source etcd://a:2379 --backend vxlan --device eth1 --cluster-cidr 10.244.0.0/16 --cluster-cidr fd00::/48 --block-length 26 --block-length-v6 80 --bridge br0 --network net --no-masquerade --except 10.0.0.0/8 --cni-dir /cni --socket /s --listen 127.0.0.1:9077 --etcd-ca /ca --etcd-cert /c --etcd-key /k")]
    public void Arguments_ReadAndWritten_AreTheSame(string line) => Assert.Equal(line, string.Join(' ', Read(line).ToArguments()));

    [Fact]
    public void Defaults_NeedNoWord()
    {
        AgentSettings settings = Read("--source kubernetes");
        Assert.Equal((Environment.MachineName, "auto", "twill0", "pods", true, "/etc/cni/net.d", "/run/twill/agent.sock", 24, 64), (settings.Node, settings.Backend, settings.Bridge, settings.Network, settings.Masquerade, settings.CniDirectory, settings.Socket, settings.BlockLength, settings.BlockLengthV6));
        Assert.Null(settings.Listen);
        Assert.Empty(settings.ClusterCidrs);
    }

    [Theory]
    [InlineData("--source file:/n --cluster-cidr 10.244.0.1/16", "did you mean 10.244.0.0/16?")]
    [InlineData("--source file:/n --cluster-cidr 10.244.0.0", "prefix length")]
    [InlineData("--source file:/n --listen 9077", "ADDRESS:PORT")]
    [InlineData("--source file:/n --listen 127.0.0.1", "ADDRESS:PORT")]
    [InlineData("--source file:/n --block-length 31", "from 8 to 30")]
    [InlineData("--source file:/n --backend vxlen", "did you mean \"vxlan\"?")]
    [InlineData("--source nowhere", "expected file:PATH")]
    public void Arguments_Bad_AreRefusedInWords(string line, string words)
        => Assert.Contains(CommandLine.Build().Parse(["agent", .. line.Split(' ')], CommandLine.Parser).Errors, e => e.Message.Contains(words, StringComparison.Ordinal));

    [Fact]
    public void Prefixes_KeepTheirOrder() => Assert.Equal([IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.0.0.0/16")], Read("--source file:/n --except 10.1.0.0/16 --except 10.0.0.0/16").Except);

    private static AgentSettings Read(string line)
    {
        var options = new AgentOptions();
        var command = new RootCommand();
        options.AddTo(command);
        ParseResult result = command.Parse(line.Split(' '), CommandLine.Parser);
        Assert.Empty(result.Errors);
        return options.Read(result);
    }
}
