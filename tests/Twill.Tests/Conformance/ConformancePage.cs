using System.Text;

namespace Twill.Tests.Conformance;

/// <summary>docs/cni-conformance.md: each statement of statements.txt with the tests that prove it, or the reason why there is none.</summary>
internal sealed class ConformancePage
{
    private readonly List<(string Id, string Text)> _lines = [];
    private readonly Dictionary<string, string> _notes = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> _tests;

    internal ConformancePage(IEnumerable<string> table, IEnumerable<(string Id, string Test)> proofs)
    {
        foreach (string line in table)
        {
            if (line.Length == 0 || line.StartsWith("# ", StringComparison.Ordinal)) continue;
            string[] words = line.Split(' ', line.StartsWith("note ", StringComparison.Ordinal) ? 3 : 2);
            if (words[0] == "note") _notes.Add(words[1], words[2]);
            else _lines.Add((words[0], words[1]));
        }

        _tests = proofs.ToLookup(p => p.Id, p => p.Test, StringComparer.Ordinal);
    }

    /// <summary>In the order of the table.</summary>
    internal IEnumerable<string> Ids => _lines.Select(l => l.Id).Where(id => id != "##");

    internal IEnumerable<string> Notes => _notes.Keys;

    /// <summary>Ids that tests name and the table does not know.</summary>
    internal IEnumerable<string> Strangers => _tests.Select(g => g.Key).Except(Ids, StringComparer.Ordinal);

    /// <summary>Ids with neither a test nor a reason.</summary>
    internal IEnumerable<string> Open => Ids.Where(id => !_tests.Contains(id) && !_notes.ContainsKey(id));

    internal string Text()
    {
        int proven = Ids.Count(_tests.Contains), all = Ids.Count();
        var text = new StringBuilder();
        text.AppendLine("# CNI conformance").AppendLine()
            .AppendLine("Every statement of the CNI specification 1.1.0, of its library and of the runtimes in use that a plugin must answer to, and the tests")
            .AppendLine("that hold `twill` against it. `Twill.Tests` needs no root; `Twill.KernelTests` runs the published executable against the real kernel.")
            .AppendLine()
            .AppendLine($"{proven} of {all} statements are proven by {_tests.SelectMany(g => g).Distinct(StringComparer.Ordinal).Count()} tests{(proven == all ? "" : "; the others have their reason beside them")}.")
            .AppendLine()
            .AppendLine("This page is made of `tests/Twill.Tests/Conformance/statements.txt` and of the tests' `[Trait(\"cni\", ID)]`; a test fails when it is out of")
            .AppendLine("date. `TWILL_UPDATE_GOLDEN=1` writes it anew.");
        foreach ((string id, string statement) in _lines)
        {
            if (id == "##")
            {
                text.AppendLine().AppendLine($"## {statement[2..]}").AppendLine().AppendLine("| id | statement | proven by |").AppendLine("|---|---|---|");
                continue;
            }

            string tests = string.Join("<br>", _tests[id].Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(t => $"`{t}`"));
            string note = _notes.TryGetValue(id, out string? found) ? $" *{found}*" : "";
            text.AppendLine($"| {id} | {statement}{note} | {(tests.Length > 0 ? tests : "no test")} |");
        }

        return text.ToString();
    }
}
