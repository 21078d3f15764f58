using Twill.Cli;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Harness;
using Twill.KernelTests.Lab;
using Twill.Linux.Sys;
using Twill.Tests.Cli;
using Xunit;

namespace Twill.KernelTests.Cli;

/// <summary>The published executable on a command line, in the shells that people use, with a lab to name things of.</summary>
public sealed class CommandLineTests
{
    /// <summary>What a line's end is completed to, by the shell itself; nobody types.</summary>
    private const string Bash = """
        source <($T completion bash)
        complete -p twill >&2
        ask() { local IFS=$'\n'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); compopt() { :; }; _twill "$T" "${COMP_WORDS[COMP_CWORD]}" ""; echo "${COMPREPLY[*]}" | sort | paste -sd ' '; }
        """;

    /// <remarks>Zsh's completion needs a terminal; what it is told stands in the arrays that it gives to _describe.</remarks>
    private const string Zsh = """
        compdef() { print "compdef $*" >&2 }
        _describe() { local name=${@[-1]}; print -l -- ${${(P)name}%%:*} | sort | paste -sd ' ' }
        _files() { print files }
        _command_names() { print programs }
        source <($T completion zsh)
        ask() { words=($T "${@[2,-1]}"); CURRENT=${#words}; PREFIX=${words[-1]}; _twill }
        """;

    private const string Fish = """
        set -x PATH (dirname $T) $PATH
        $T completion fish | source
        function ask; complete -C (string join ' ' -- $argv) | string split -f 1 \t | sort | string join ' '; end
        """;

    private static readonly (string Line, string Words)[] s_questions =
    [
        ("lab st", "status"),
        ("lab status -o ''", "json text"),
        ("lab up --nod", "--nodes"),
        ("lab exec no", "node1 node2"),
        ("lab exec r", "red router"),
        ("completion z", "zsh"),
        ("lab up --no-such ''", ""),
    ];

    [Fact]
    public void Lab_WithEveryShell_IsCompletedAndDrawnAsAsked()
    {
        using var machine = new LabMachine();
        machine.LineOk("ip netns add stranger");
        machine.Ok("lab", "up", "--nodes", "2", "--pods", "1");
        SchemaAssert.Valid("lab-status/v1", machine.Ok("lab", "status", "-o", "json"));
        SchemaAssert.Valid("lab-pingall/v1", machine.Ok("lab", "pingall", "--output=json"));
        SchemaAssert.Valid("lab-status/v1", machine.LineOk("TWILL_OUTPUT=json $T lab status"));

        // On a terminal, which script(1) makes, colours come by themselves; NO_COLOR and a dumb one turn them off.
        Assert.Contains("\e[", machine.LineOk("TERM=xterm script -qec '$T lab pingall' /dev/null"), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', machine.LineOk("TERM=xterm NO_COLOR=1 script -qec '$T lab pingall' /dev/null"));
        Assert.DoesNotContain('\e', machine.LineOk("TERM=dumb script -qec '$T lab pingall' /dev/null"));

        // Elsewhere only where they are asked for.
        string plain = machine.Ok("lab", "pingall"), coloured = machine.Ok("lab", "pingall", "--color", "always");
        Assert.DoesNotContain('\e', plain);
        Assert.Contains("\e[", coloured, StringComparison.Ordinal);
        Assert.Contains("\e[", machine.LineOk("NO_COLOR=1 TERM=dumb TWILL_COLOR=always $T lab pingall"), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', machine.LineOk("TWILL_COLOR=always $T lab pingall --color never"));
        Assert.Contains('│', machine.Ok("lab", "status"));
        Assert.All(machine.Ok("lab", "status", "--ascii"), c => Assert.True(c < 128));
        Assert.All(machine.LineOk("LC_ALL=C $T lab status"), c => Assert.True(c < 128));

        Requirement.Need("shells", "zsh", "fish");
        foreach ((string shell, string script) in ((string, string)[])[("bash --norc -c", Bash), ("zsh -f -c", Zsh), ("fish --no-config -c", Fish)])
        {
            string name = shell[..shell.IndexOf(' ', StringComparison.Ordinal)];
            string questions = string.Join('\n', s_questions.Select(q => $"echo '? {q.Line.Replace("'", "", StringComparison.Ordinal)}'; ask twill {(name == "fish" ? q.Line.Replace("''", "\"\"", StringComparison.Ordinal) : q.Line)}"));
            ChildProcess.Outcome outcome = machine.Line($"exec {shell} \"$(cat <<'END'\n{script}\n{questions}\nEND\n)\"");
            string[] lines = outcome.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] expected = [.. s_questions.SelectMany(q => (string[])[$"? {q.Line.Replace("'", "", StringComparison.Ordinal)}", q.Words]).Where(l => l.Length > 0)];
            Assert.True(expected.SequenceEqual(lines), $"{name} says\n{outcome.OutputText}\n{outcome.ErrorText}\ninstead of\n{string.Join('\n', expected)}");
        }
    }

    [Fact]
    public void Usage_Wrong_IsExitCode2OfEveryCommandAndNothingOnStdout()
    {
        string[] commands = [.. CommandTable.Walk(CommandLine.Build()).Select(CommandTable.NameOf)];
        Assert.True(commands.Length > 12);
        foreach (string command in commands)
        {
            ChildProcess.Outcome outcome = Command.Run(Artifacts.Twill, [.. command.Split(' ')[1..], "--no-such-flag"]);
            Assert.Equal((2, ""), (outcome.ExitCode, outcome.OutputText));
            Assert.Equal($"twill: `{command}` does not know \"--no-such-flag\"\ntwill: usage and examples: {command} --help\n", outcome.ErrorText);
            ChildProcess.Outcome help = Command.Run(Artifacts.Twill, [.. command.Split(' ')[1..], "--help"]);
            Assert.Equal((0, ""), (help.ExitCode, help.ErrorText));
            Assert.Equal(help.OutputText, Command.Run(Artifacts.Twill, ["help", .. command.Split(' ')[1..]]).Succeeded());
        }
    }

    [Fact]
    public void Manual_EveryPage_IsReadByMandocWithoutAWarning()
    {
        Requirement.Need("man", "mandoc");
        foreach (string page in Command.Run(Artifacts.Twill, "man", "--list").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string roff = Command.Run(Artifacts.Twill, "man", page).Succeeded();
            ChildProcess.Outcome lint = Read(roff);
            Assert.True(lint.ExitCode == 0 && lint.OutputText.Length == 0, $"{page}: {lint.OutputText}{lint.ErrorText}");
        }

        Assert.NotEqual(0, Read(".TH X\n.SH NAME\n.XX unknown\n").ExitCode);

        static ChildProcess.Outcome Read(string roff) => ChildProcess.Run(Command.Find("mandoc"), ["-Tlint", "-Wwarning"], ["PATH=/usr/bin:/bin", "LC_ALL=C"], System.Text.Encoding.UTF8.GetBytes(roff), Command.TimeoutMs);
    }
}
