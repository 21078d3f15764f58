using Twill.Cli;
using Xunit;

namespace Twill.Tests.Lab;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("upp", "up")]
    [InlineData("pingal", "pingall")]
    [InlineData("stauts", "status")]
    [InlineData("ping", "pingall")]
    [InlineData("dwon", "down")]
    [InlineData("x", null)]
    [InlineData("kubernetes", null)]
    public void Typo_Near_IsGuessed(string word, string? meant) => Assert.Equal(meant, Typo.Nearest(word, ["up", "status", "pingall", "exec", "down"]));

    [Theory]
    [InlineData("lab up --nodes 0")]
    [InlineData("lab up --nodes 201")]
    [InlineData("lab up --pods -1")]
    [InlineData("lab up --pods many")]
    [InlineData("lab status -o yaml")]
    [InlineData("lab exec blue")]
    [InlineData("lab upp")]
    [InlineData("lab")]
    public void Parse_Wrong_HasErrors(string line) => Assert.NotEmpty(CommandLine.Build().Parse(line).Errors);

    [Theory]
    [InlineData("lab up --nodes 200 --pods 250")]
    [InlineData("lab up -n 1 -p 0")]
    [InlineData("lab pingall --ipv6 -o json")]
    [InlineData("lab exec blue -- ls -l --color")]
    [InlineData("version")]
    [InlineData("--version")]
    public void Parse_Right_HasNone(string line) => Assert.Empty(CommandLine.Build().Parse(line).Errors);
}
