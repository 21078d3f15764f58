using Twill.Cli;
using Xunit;

namespace Twill.Tests.Cli;

/// <summary>A wrong command line is told in a sentence that names the word, and what was meant.</summary>
public sealed class UsageFaultTests
{
    public static TheoryData<string> Commands => CommandTree.Names;

    [Theory]
    [MemberData(nameof(Commands))]
    public void Option_Unknown_IsRefusedByEveryCommand(string name)
    {
        string[] faults = Find($"{name} --no-such-flag"[6..]);
        Assert.Equal([$"`{name}` does not know \"--no-such-flag\"", $"usage and examples: {name} --help"], faults);
    }

    [Theory]
    [InlineData("lab upp", "`twill lab` does not know \"upp\"; did you mean \"up\"?")]
    [InlineData("lba up", "`twill` does not know \"lba\"; did you mean \"lab\"?")]
    [InlineData("lab up --node 3", "`twill lab up` does not know \"--node\"; did you mean \"--nodes\"?")]
    [InlineData("lab up --colour never", "`twill lab up` does not know \"--colour\"; did you mean \"--color\"?")]
    [InlineData("lab exec --asci blue -- ls", "`twill lab exec` does not know \"--asci\"; did you mean \"--ascii\"?")]
    [InlineData("lab exec blue", "`twill lab exec` needs CMD: The command and its arguments, behind --")]
    [InlineData("cni add", "`twill cni add` needs CONF and NETNS")]
    [InlineData("completion bahs", "SHELL bahs: expected bash or zsh or fish; did you mean \"bash\"?")]
    [InlineData("lab status -o yaml", "--output yaml: expected text or json")]
    [InlineData("lab up --nodes 201", "--nodes 201: expected a number from 1 to 200")]
    [InlineData("lab up --pods -1", "--pods -1: expected a number from 0 to 250")]
    [InlineData("lab expose web", "Option '--pods' is required.")]
    [InlineData("lab expose web --pods blue --node-port 80", "--node-port 80: expected a number from 30000 to 32767")]
    [InlineData("ping blue green --tcp", "--tcp: which port? --tcp 80, or green:80")]
    [InlineData("ping blue svc/web --udp 53", "a service, and a port behind a name, is asked over TCP: --udp and --size are for addresses alone")]
    [InlineData("service add web --port 80:x", "--port 80:x: expected [NAME=]PORT[:TARGET][/udp|/sctp], such as 80, 80:8080 or dns=53/udp")]
    [InlineData("service add web --port 80 --address 10.96", "--address 10.96: expected an address, such as 10.96.0.10")]
    public void Word_Wrong_IsNamedWithWhatWasMeant(string line, string fault) => Assert.Equal(fault, Find(line)[0]);

    [Fact]
    public void Group_Alone_ListsItsCommands() => Assert.StartsWith("`twill lab` wants one of up, status, pingall", Find("lab")[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("lab exec blue -- ls -l --color")]
    [InlineData("lab exec blue ls -- -l")]
    [InlineData("lab up --nodes 1 --color=never --ascii")]
    [InlineData("--ascii lab status -o json")]
    [InlineData("complete -- lab up --no-such")]
    [InlineData("ping blue svc/web:80 --tcp")]
    [InlineData("lab expose web --pods blue --node-port --how")]
    [InlineData("service add dns --port dns=53/udp --port dns-tcp=53:5353 --endpoints 10.244.1.2,10.244.2.2 --endpoints fd00::1")]
    [InlineData("help lab up")]
    [InlineData("version")]
    public void Line_Right_HasNone(string line) => Assert.Empty(Find(line));

    private static string[] Find(string line) => [.. UsageFault.Find(OptionVariables.Parse(CommandLine.Build(), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), CommandLine.Parser, _ => null))];
}
