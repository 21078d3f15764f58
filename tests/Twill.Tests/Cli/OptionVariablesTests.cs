using Twill.Cli;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>Command line over variable over default.</summary>
public sealed class OptionVariablesTests
{
    [Theory]
    [InlineData("lab up", "", null)]
    [InlineData("lab up", "TWILL_NODES=5", 5)]
    [InlineData("lab up", "TWILL_NODES=", null)]
    [InlineData("lab up --nodes 7", "TWILL_NODES=5", 7)]
    [InlineData("lab up -n 7", "TWILL_NODES=5", 7)]
    [InlineData("--color never lab up", "TWILL_NODES=5 TWILL_PODS=1", 5)]
    public void Nodes_FromEverywhere_TheNearestWins(string line, string environment, int? nodes)
    {
        OptionVariables variables = Parse(line, environment);
        Assert.Empty(UsageFault.Find(variables));
        Assert.Equal(nodes, variables.Result.GetValue<int?>("--nodes"));
    }

    [Theory]
    [InlineData("TWILL_IPV6=true", true)]
    [InlineData("TWILL_IPV6=1", true)]
    [InlineData("TWILL_IPV6=yes", true)]
    [InlineData("TWILL_IPV6=0", false)]
    [InlineData("TWILL_IPV6=False", false)]
    [InlineData("", false)]
    public void Switch_Variable_IsRead(string environment, bool on) => Assert.Equal(on, Parse("lab pingall", environment).Result.GetValue<bool>("--ipv6"));

    [Fact]
    public void List_Variable_IsSeparatedByBlanks()
    {
        OptionVariables variables = OptionVariables.Parse(CommandLine.Build(), ["cni", "gc", "x"], CommandLine.Parser, n => n == "TWILL_VALID" ? "a:eth0 b:eth0" : null);
        Assert.Empty(UsageFault.Find(variables));
        Assert.Equal(["a:eth0", "b:eth0"], variables.Result.GetValue<string[]>("--valid")!);
    }

    [Fact]
    public void Variable_OfARecursiveOption_ReachesEveryCommand() => Assert.Equal("always", Parse("lab exec blue -- ls --color never", "TWILL_COLOR=always").Result.GetValue<string>("--color"));

    [Fact]
    public void Words_BehindTheDashes_StayTheCommands()
    {
        OptionVariables variables = Parse("lab exec exec -- lab exec --ascii", "TWILL_ASCII=1");
        Assert.Empty(UsageFault.Find(variables));
        Assert.Equal(["lab", "exec", "--ascii"], variables.Result.GetValue<string[]>("CMD")!);
        Assert.Equal("exec", variables.Result.GetValue<string>("POD"));
        Assert.True(variables.Result.GetValue<bool>("--ascii"));
    }

    [Theory]
    [InlineData("lab up", "TWILL_NODES=0", "the environment has TWILL_NODES, read as --nodes 0: expected a number from 1 to 200")]
    [InlineData("lab up", "TWILL_PODS=many", "the environment has TWILL_PODS, read as --pods many: expected a number from 0 to 250")]
    [InlineData("lab status", "TWILL_OUTPUT=jsn", "the environment has TWILL_OUTPUT, read as --output jsn: expected text or json; did you mean \"json\"?")]
    [InlineData("version", "TWILL_COLOR=red", "the environment has TWILL_COLOR, read as --color red: expected auto or always or never")]
    [InlineData("version", "TWILL_ASCII=maybe", "the environment has TWILL_ASCII=maybe: expected true or false, for --ascii")]
    public void Variable_Wrong_IsNamed(string line, string environment, string fault) => Assert.Equal(fault, UsageFault.Find(Parse(line, environment))[0]);

    [Theory]
    [InlineData("lab up --help")]
    [InlineData("--version")]
    public void Variable_Wrong_DoesNotKeepHelpAway(string line) => Assert.Empty(UsageFault.Find(Parse(line, "TWILL_NODES=0 TWILL_COLOR=red")));

    [Theory]
    [InlineData("--no-cache", "TWILL_NO_CACHE")]
    [InlineData("--output", "TWILL_OUTPUT")]
    public void Name_Option_IsInCapitals(string option, string variable) => Assert.Equal(variable, OptionVariables.NameOf(option));

    private static OptionVariables Parse(string line, string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return OptionVariables.Parse(CommandLine.Build(), line.Split(' '), CommandLine.Parser, variables.GetValueOrDefault);
    }
}
