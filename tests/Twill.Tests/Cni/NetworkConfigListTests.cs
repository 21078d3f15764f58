using System.Text;
using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class NetworkConfigListTests
{
    private static NetworkConfigList Parse(string text) => NetworkConfigList.Parse(Encoding.UTF8.GetBytes(text));

    private static NetworkConfigList List(string plugin, string version = "1.1.0") => Parse($$"""{"cniVersion": "{{version}}", "name": "pods", "plugins": [{{plugin}}]}""");

    private static byte[] Stdin(NetworkConfigList list, CniVerb verb, PluginInput input) => list.BuildStdin(list.Plugins[0], verb, input);

    [Fact]
    [Trait("cni", "C14")]
    public void Parse_EveryKey_IsKnown()
    {
        var list = Parse("""
            {"cniVersion": "0.3.1", "cniVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"], "name": "pods", "disableCheck": true, "disableGC": "True", "loadOnlyInlinedPlugins": true,
             "plugins": [{"type": "twill", "capabilities": {"ips": true, "mac": false, "bandwidth": true}}, {"type": "portmap"}], "unknown": [1]}
            """);
        Assert.Equal(("pods", SpecVersion.V1_1_0, true, true, true), (list.Name, list.CniVersion, list.DisableCheck, list.DisableGc, list.LoadOnlyInlinedPlugins));
        Assert.Equal(["twill", "portmap"], list.Plugins.Select(p => p.Type));
        Assert.Equal(["ips", "bandwidth"], list.Plugins[0].Capabilities);
        Assert.False(list.Allows(CniVerb.Check) || list.Allows(CniVerb.Gc));
        Assert.True(list.Allows(CniVerb.Add) && list.Allows(CniVerb.Status));
    }

    [Theory]
    [Trait("cni", "C14")]
    [InlineData("{}", 7, "name is missing")]
    [InlineData("""{"name": "a/b", "plugins": [{"type": "x"}]}""", 7, "name \"a/b\"")]
    [InlineData("""{"name": "a", "plugins": []}""", 7, "no plugin")]
    [InlineData("""{"name": "a", "plugins": {}}""", 7, "plugins {...}")]
    [InlineData("""{"name": "a", "plugins": [7]}""", 7, "plugins[0] 7")]
    [InlineData("""{"name": "a", "plugins": [{}]}""", 7, "type is missing")]
    [InlineData("""{"name": "a", "plugins": [{"type": "x", "capabilities": {"ips": 1}}]}""", 7, "capabilities.ips 1")]
    [InlineData("""{"name": "a", "loadOnlyInlinedPlugins": true}""", 7, "plugins is missing")]
    [InlineData("""{"name": "a", "disableGC": "no", "plugins": [{"type": "x"}]}""", 7, "disableGC \"no\"")]
    [InlineData("""{"name": "a", "disableCheck": 1, "plugins": [{"type": "x"}]}""", 7, "disableCheck 1")]
    [InlineData("""{"name": "a", "cniVersions": "1.0.0", "plugins": [{"type": "x"}]}""", 7, "cniVersions \"1.0.0\"")]
    [InlineData("""{"name": "a", "cniVersion": "1.2.0", "plugins": [{"type": "x"}]}""", 1, "1.2.0")]
    [InlineData("""{"name": "a", "cniVersions": ["1.2.0", "9"], "plugins": [{"type": "x"}]}""", 1, "none of cniVersions")]
    [InlineData("", 6, "not JSON")]
    [InlineData("{\"name\": \"a\"} x", 6, "not JSON")]
    public void Parse_Invalid_SaysWhatAndWhere(string text, int code, string words) => CniAssert.Fails(code, () => Parse(text), words);

    [Fact]
    [Trait("cni", "C14")]
    public void Parse_WithoutPlugins_LeavesThemToTheFolder() => Assert.Empty(Parse("""{"name": "a", "cniVersion": "1.1.0"}""").Plugins);

    [Theory]
    [Trait("cni", "C15")]
    [InlineData("\"cniVersion\": \"0.3.1\", \"cniVersions\": [\"0.3.1\", \"0.4.0\", \"1.0.0\", \"1.1.0\"]", "1.1.0")]
    [InlineData("\"cniVersions\": [\"0.4.0\", \"0.3.1\"]", "0.4.0")]
    [InlineData("\"cniVersion\": \"1.0.0\", \"cniVersions\": [\"0.4.0\"]", "1.0.0")]
    [InlineData("\"cniVersion\": \"0.4.0\", \"cniVersions\": [\"1.2.0\", \"2.0.0\"]", "0.4.0")]
    [InlineData("\"cniVersion\": \"0.4.0\", \"cniVersions\": []", "0.4.0")]
    [InlineData("\"cniVersion\": \"0.4.0\"", "0.4.0")]
    [InlineData("\"x\": 1", "0.1.0")]
    public void Parse_Versions_TheHighestCommonOneIsTaken(string keys, string expected) =>
        Assert.Equal(expected, Parse($$"""{"name": "a", {{keys}}, "plugins": [{"type": "x"}]}""").CniVersion.Text);

    [Fact]
    [Trait("cni", "C01")]
    [Trait("cni", "C09")]
    [Trait("cni", "P06")]
    public void BuildStdin_Add_HasNameVersionAndWhatWasDeclared()
    {
        var list = List("""{"type": "twill", "name": "other", "cniVersion": "0.1.0", "mtu": 1400, "capabilities": {"ips": true, "mac": false}}""");
        var input = new PluginInput { CapabilityArgs = """{"ips": ["10.1.0.7/24"], "mac": "0a:00:00:00:00:01", "portMappings": []}"""u8.ToArray(), ValidAttachments = [] };
        CniAssert.Json("""{"cniVersion": "1.1.0", "name": "pods", "type": "twill", "mtu": 1400, "runtimeConfig": {"ips": ["10.1.0.7/24"]}}""", Stdin(list, CniVerb.Add, input));
        CniAssert.Json("""{"cniVersion": "1.1.0", "name": "pods", "type": "twill", "mtu": 1400}""", Stdin(list, CniVerb.Add, new PluginInput()));
    }

    [Theory]
    [Trait("cni", "C07")]
    [Trait("cni", "C09")]
    [InlineData(CniVerb.Add, "1.1.0", true, true)]
    [InlineData(CniVerb.Check, "1.1.0", true, true)]
    [InlineData(CniVerb.Del, "1.1.0", true, true)]
    [InlineData(CniVerb.Del, "0.4.0", true, true)]
    [InlineData(CniVerb.Del, "0.3.1", false, true)]
    [InlineData(CniVerb.Add, "0.3.1", true, true)]
    [InlineData(CniVerb.Status, "1.1.0", false, false)]
    [InlineData(CniVerb.Gc, "1.1.0", false, false)]
    public void BuildStdin_PrevResultAndRuntimeConfig_OnlyWhereTheyBelong(CniVerb verb, string version, bool prev, bool runtime)
    {
        var input = new PluginInput
        {
            PrevResult = new CniResult { Interfaces = [new CniInterface("eth0", Mtu: 1400)] },
            CapabilityArgs = """{"aliases": ["a"]}"""u8.ToArray(),
        };
        var text = Stdin(List("""{"type": "twill", "capabilities": {"aliases": true}}""", version), verb, input);
        var mtu = version == "1.1.0" ? ", \"mtu\": 1400" : "";
        CniAssert.Json(
            $$$"""{"cniVersion": "{{{version}}}", "name": "pods", "type": "twill"{{{(runtime ? ", \"runtimeConfig\": {\"aliases\": [\"a\"]}" : "")}}}{{{(prev ? $", \"prevResult\": {{\"cniVersion\": \"{version}\", \"interfaces\": [{{\"name\": \"eth0\"{mtu}}}]}}" : "")}}}}""",
            text);
    }

    [Fact]
    [Trait("cni", "G01")]
    [Trait("cni", "G07")]
    public void BuildStdin_Gc_SendsBothKeysOrNone()
    {
        var list = List("""{"type": "twill", "cni.dev/attachments": 7}""");
        const string One = "[{\"containerID\": \"a\", \"ifname\": \"eth0\"}]";
        CniAssert.Json(
            $$"""{"cniVersion": "1.1.0", "name": "pods", "type": "twill", "cni.dev/valid-attachments": {{One}}, "cni.dev/attachments": {{One}}}""",
            Stdin(list, CniVerb.Gc, new PluginInput { ValidAttachments = [new CniAttachment("a", "eth0")] }));
        CniAssert.Json(
            """{"cniVersion": "1.1.0", "name": "pods", "type": "twill", "cni.dev/valid-attachments": [], "cni.dev/attachments": []}""",
            Stdin(list, CniVerb.Gc, new PluginInput { ValidAttachments = [] }));
        CniAssert.Json("""{"cniVersion": "1.1.0", "name": "pods", "type": "twill"}""", Stdin(list, CniVerb.Gc, new PluginInput()));
    }

    [Theory]
    [Trait("cni", "L06")]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void BuildStdin_WhatItBuilds_OurReaderReads(string version)
    {
        var list = List("""{"type": "twill", "capabilities": {"ips": true}, "ipam": {"type": "twill", "subnet": "10.1.0.0/24"}}""", version);
        Assert.True(IpCidr.TryParse("10.1.0.7/24", out var cidr));
        var prev = new CniResult { Interfaces = [new CniInterface("eth0")], Ips = [new CniIp(cidr, null, 0)] };
        var config = NetworkConfig.Read(Stdin(list, CniVerb.Add, new PluginInput { PrevResult = prev, CapabilityArgs = """{"ips": ["10.1.0.9"]}"""u8.ToArray() }), CniVerb.Add);
        Assert.Equal(prev, config.PrevResult);
        Assert.Equal(("pods", version, "10.1.0.9", "10.1.0.0/24"), (config.Name, config.CniVersion.Text, config.RuntimeConfig.Ips[0].ToString(), config.RangeSets[0][0].ToString()));
    }

    [Fact]
    public void BuildStdin_CapabilityArgsThatAreNoObject_Fail() =>
        CniAssert.Fails(7, () => Stdin(List("{\"type\": \"x\"}"), CniVerb.Add, new PluginInput { CapabilityArgs = "[]"u8.ToArray() }), "capability arguments");

    [Fact]
    public void Parse_HostileCounts_HaveBounds()
    {
        CniAssert.Fails(7, () => List(string.Join(',', Enumerable.Repeat("{\"type\": \"x\"}", 65))), "64 plugins");
        CniAssert.Fails(7, () => List($"{{\"type\": \"x\", \"capabilities\": {{{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"c{i}\": true"))}}}}}"), "64 capabilities");
    }
}
