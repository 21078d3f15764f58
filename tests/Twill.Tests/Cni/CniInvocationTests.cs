using Twill.Cni;
using Xunit;

namespace Twill.Tests.Cni;

public sealed class CniInvocationTests
{
    private static readonly string[] s_attachment = ["CNI_CONTAINERID=c1", "CNI_NETNS=/run/netns/a", "CNI_IFNAME=eth0"];

    private static CniInvocation? Read(params string[] env) =>
        CniInvocation.Read(name => Array.Find(env, e => e.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]);

    private static CniInvocation? Call(string verb, string changed) =>
        Read([$"CNI_COMMAND={verb}", changed, .. s_attachment]);

    [Theory]
    [Trait("cni", "E01")]
    [InlineData("ADD", CniVerb.Add)]
    [InlineData("DEL", CniVerb.Del)]
    [InlineData("CHECK", CniVerb.Check)]
    [InlineData("GC", CniVerb.Gc)]
    [InlineData("STATUS", CniVerb.Status)]
    [InlineData("VERSION", CniVerb.Version)]
    public void Read_EachVerb_IsKnown(string text, CniVerb verb)
    {
        var call = Read([$"CNI_COMMAND={text}", "CNI_PATH=/opt/cni/bin", .. s_attachment]);
        Assert.Equal(verb, call?.Verb);
        Assert.Equal(text, verb.ToText());
    }

    [Theory]
    [Trait("cni", "E02")]
    [InlineData("add")]
    [InlineData("ADD ")]
    [InlineData("REMOVE")]
    public void Read_UnknownVerb_IsCode4(string text) => CniAssert.Fails(4, () => Call(text, ""), "CNI_COMMAND", text);

    [Fact]
    [Trait("cni", "E02")]
    public void Read_NoCommand_IsAnOutcomeAndNoError()
    {
        Assert.Null(Read());
        Assert.Null(Read("CNI_COMMAND=", "CNI_CONTAINERID=c1"));
    }

    [Theory]
    [Trait("cni", "E03")]
    [Trait("cni", "E04")]
    [InlineData("ADD", "CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME")]
    [InlineData("CHECK", "CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME")]
    [InlineData("DEL", "CNI_CONTAINERID, CNI_IFNAME")]
    [InlineData("GC", "CNI_PATH")]
    public void Read_NothingElseGiven_NamesAllThatTheVerbNeeds(string verb, string names) =>
        CniAssert.Fails(4, () => Read($"CNI_COMMAND={verb}"), $"missing: {names}");

    [Theory]
    [Trait("cni", "E03")]
    [InlineData("STATUS")]
    [InlineData("VERSION")]
    public void Read_StatusAndVersion_NeedNothing(string verb) => Assert.NotNull(Read($"CNI_COMMAND={verb}"));

    [Theory]
    [Trait("cni", "E03")]
    [Trait("cni", "D03")]
    [InlineData("CNI_NETNS=")]
    [InlineData("X=")]
    public void Read_DelWithoutNetNs_IsFine(string netns) =>
        Assert.Equal("", Read("CNI_COMMAND=DEL", "CNI_CONTAINERID=c1", "CNI_IFNAME=eth0", netns)?.NetNs);

    [Fact]
    [Trait("cni", "E04")]
    public void Read_MissingAndWrong_NamesAllOfThem() => CniAssert.Fails(4,
        () => Read("CNI_COMMAND=ADD", "CNI_CONTAINERID=-c", "CNI_IFNAME=a/b", "CNI_ARGS=x", "CNI_PATH=" + new string('p', 5000)),
        "CNI_NETNS", "CNI_CONTAINERID \"-c\"", "CNI_IFNAME \"a/b\"", "CNI_ARGS", "CNI_PATH");

    [Theory]
    [Trait("cni", "E05")]
    [InlineData("ADD")]
    [InlineData("DEL")]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    public void Read_NoPath_IsFine(string verb) => Assert.Equal("", Call(verb, "")?.Path);

    [Fact]
    [Trait("cni", "G05")]
    public void Read_Gc_NeedsPathAndNothingElse()
    {
        var call = Read("CNI_COMMAND=GC", "CNI_PATH=/opt/cni/bin:/usr/lib/cni");
        Assert.Equal("/opt/cni/bin:/usr/lib/cni", call?.Path);
        Assert.Equal("", call?.ContainerId);
    }

    [Theory]
    [Trait("cni", "E06")]
    [InlineData("a", true)]
    [InlineData("0f", true)]
    [InlineData("A.b_c-9", true)]
    [InlineData("-a", false)]
    [InlineData(".a", false)]
    [InlineData("_a", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("\u00e4", false)]
    [InlineData("a\u0661", false)]
    [InlineData("a\n", false)]
    public void Read_ContainerId_FollowsTheRule(string id, bool good)
    {
        foreach (var verb in new[] { "ADD", "DEL", "CHECK" })
        {
            if (good)
                Assert.Equal(id, Call(verb, $"CNI_CONTAINERID={id}")?.ContainerId);
            else
                CniAssert.Fails(4, () => Call(verb, $"CNI_CONTAINERID={id}"), "CNI_CONTAINERID");
        }
    }

    [Theory]
    [Trait("cni", "E06")]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(100_000, false)]
    public void Read_ContainerId_HasABound(int length, bool good)
    {
        var id = new string('a', length);
        if (good)
            Assert.Equal(id, Call("ADD", $"CNI_CONTAINERID={id}")?.ContainerId);
        else
            Assert.True(CniAssert.Fails(4, () => Call("ADD", $"CNI_CONTAINERID={id}"), "CNI_CONTAINERID").Message.Length < 400);
    }

    [Theory]
    [Trait("cni", "E07")]
    [InlineData("eth0", true)]
    [InlineData("abcdefghijklmno", true)]
    [InlineData("abcdefghijklmnop", false)]
    [InlineData("\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc", true)]
    [InlineData("\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("...", true)]
    [InlineData("a/b", false)]
    [InlineData("a:1", false)]
    [InlineData("a b", false)]
    [InlineData("a\tb", false)]
    [InlineData("\u00e0", false)] // 0xc3 0xa0: the kernel counts 0xa0 as a space
    public void Read_IfName_FollowsTheKernel(string name, bool good)
    {
        foreach (var verb in new[] { "ADD", "DEL", "CHECK" })
        {
            if (good)
                Assert.Equal(name, Call(verb, $"CNI_IFNAME={name}")?.IfName);
            else
                CniAssert.Fails(4, () => Call(verb, $"CNI_IFNAME={name}"), "CNI_IFNAME");
        }
    }

    [Fact]
    [Trait("cni", "E07")]
    public void Read_IfNameTheKernelWouldExpand_IsRefusedOnAddOnly()
    {
        CniAssert.Fails(4, () => Call("ADD", "CNI_IFNAME=eth%d"), "CNI_IFNAME", "%");
        Assert.Equal("eth%d", Call("DEL", "CNI_IFNAME=eth%d")?.IfName);
    }

    [Theory]
    [Trait("cni", "E08")]
    [InlineData("ADD")]
    [InlineData("CHECK")]
    public void Read_BadArgs_IsCode4(string verb) => CniAssert.Fails(4, () => Call(verb, "CNI_ARGS=IgnoreUnknown=1;oops"), "CNI_ARGS", "oops");

    [Fact]
    [Trait("cni", "D02")]
    [Trait("cni", "E08")]
    public void Read_BadArgsOnDel_AreRememberedAndDoNotStopIt()
    {
        var call = Call("DEL", "CNI_ARGS=oops");
        Assert.Equal(4, call?.ArgsProblem?.Code);
        Assert.Equal("oops", call?.Args.Raw);
        Assert.Equal("c1", call?.ContainerId);
    }

    [Theory]
    [Trait("cni", "E12")]
    [InlineData("VERSION")]
    [InlineData("STATUS")]
    [InlineData("GC")]
    public void Read_DummiesForVerbsWithoutThem_AreNotLookedAt(string verb)
    {
        var call = Read($"CNI_COMMAND={verb}", "CNI_PATH=/x", "CNI_NETNS=dummy", "CNI_IFNAME=a/very:bad name indeed", "CNI_CONTAINERID=!", "CNI_ARGS=oops", "TRACEPARENT=00-1", "TRACESTATE=a=b", "BAGGAGE=k=v");
        Assert.Equal("", call?.IfName + call?.ContainerId + call?.NetNs + call?.Args.Raw);
    }

    [Theory]
    [Trait("cni", "E11")]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("TRUE", true)]
    [InlineData("0", false)]
    [InlineData("yes", false)]
    [InlineData("", false)]
    public void Read_NetNsOverride_IsAFlag(string text, bool expected) =>
        Assert.Equal(expected, Call("ADD", $"CNI_NETNS_OVERRIDE={text}")?.NetNsOverride);

    [Theory]
    [Trait("cni", "E04")]
    [InlineData("CNI_NETNS")]
    [InlineData("CNI_ARGS")]
    [InlineData("CNI_PATH")]
    public void Read_VariableTooLong_IsCode4(string name)
    {
        Assert.True(CniAssert.Fails(4, () => Call("ADD", $"{name}={new string('\u20ac', 1366)}"), name, "4096").Message.Length < 400);
        if (name == "CNI_PATH")
            Assert.Equal(1365, Call("ADD", $"{name}={new string('\u20ac', 1365)}")?.Path.Length);
    }
}
