using Twill.KernelTests.Lab;
using Twill.Linux.Sys;
using Xunit;

namespace Twill.KernelTests.Docs;

/// <summary>The exercises of docs/learn do what they say: every command is run, in a machine of its own, and its output compared with the page.</summary>
public sealed class LearnTests
{
    private static string Directory { get; } = Find();

    public static TheoryData<string> Pages => [.. System.IO.Directory.GetFiles(Directory, "*.md").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_CommandsDoWhatItSays(string page)
    {
        using var machine = new LabMachine();
        string? complaint = Complaint(machine, File.ReadAllText(Path.Combine(Directory, page)));
        Assert.True(complaint is null, $"docs/learn/{page}{complaint}");
    }

    /// <summary>`make lab` but for building: made, and found again on the second run.</summary>
    [Fact]
    public void MakeLab_Twice_EndsWell()
    {
        using var machine = new LabMachine();
        string script = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Directory))!, "build", "lab.sh");
        foreach (string begin in (string[])["3 nodes", "the lab is up already"])
        {
            string said = machine.LineOk($"TWILL_BIN=$T bash '{script}'");
            Assert.StartsWith(begin, said, StringComparison.Ordinal);
            Assert.Contains("30 of 30 reachable, 0 lost", said, StringComparison.Ordinal);
            Assert.Contains("reaches pink: no NAT", said, StringComparison.Ordinal);
            Assert.Contains("http://localhost/ answers: web of pod shop, asked by 127.0.0.1", said, StringComparison.Ordinal);
            Assert.Contains("same bridge", said, StringComparison.Ordinal);
            Assert.Contains("direct route via node2", said, StringComparison.Ordinal);
            Assert.Contains("4 sent, 4 back", said, StringComparison.Ordinal); // pod to service
            Assert.Matches(@"svc/web \(192\.168\.1\.240:80\) .* from 8\.8\.8\.8", said);
            Assert.Matches(@"node2:30080 \(192\.168\.1\.12:30080\) .* from 8\.8\.8\.8", said);
            Assert.Contains("100 received, 0% packet loss", said, StringComparison.Ordinal);
            Assert.Contains("10.244.2.0/24 via 192.168.1.12 dev eth0", said, StringComparison.Ordinal);
        }
    }

    /// <summary>The negative control: a page that promises another output, or another exit code, is found out.</summary>
    [Theory]
    [InlineData("```console\n$ echo one; echo two\none\nthree\n```", ":2: `echo one; echo two` did not print \"three\"")]
    [InlineData("```console\n$ echo one; echo two\none\n```", ":2: `echo one; echo two` did not print \"one\"")]
    [InlineData("```console\n$ false\n```", ":2: `false` ended with 1, not 0")]
    [InlineData("```console\n$ true # exit 1\n```", ":2: `true # exit 1` ended with 0, not 1")]
    [InlineData("```console\n$ echo a 12 b; echo c; echo d\na … b\n...\nd\n```\n```sh\n$ false\n```", null)]
    public void Page_ThatLies_IsFoundOut(string page, string? complaint)
    {
        using var machine = new LabMachine();
        string? found = Complaint(machine, page);
        if (complaint is null) Assert.Null(found);
        else Assert.StartsWith(complaint, found, StringComparison.Ordinal);
    }

    private static string? Complaint(LabMachine machine, string page)
    {
        foreach (ConsoleStep step in ConsoleStep.Read(page))
        {
            // Both streams, as a person at a terminal sees them.
            ChildProcess.Outcome outcome = machine.Line($"export COLUMNS=100 EDITOR=true; twill() {{ \"$T\" \"$@\"; }}; {{ {step.Command}\n}} 2>&1");
            string output = outcome.OutputText;
            if (outcome.ExitCode != step.ExitCode) return $":{step.Line}: `{step.Command}` ended with {outcome.ExitCode}, not {step.ExitCode}:\n{output}";
            if (step.Difference(output) is { } missing) return $":{step.Line}: `{step.Command}` did not print {missing}:\n{output}";
        }

        return null;
    }

    private static string Find()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            string candidate = Path.Combine(directory, "docs", "learn");
            if (System.IO.Directory.Exists(candidate)) return candidate;
        }

        throw new InvalidOperationException($"no docs/learn above {AppContext.BaseDirectory}");
    }
}
