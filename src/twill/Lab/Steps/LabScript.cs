using System.Text;

namespace Twill.Lab.Steps;

/// <summary>Steps as text: a shell script that does the same, or a list of what would change.</summary>
internal static class LabScript
{
    /// <summary>For sh on a machine with iproute2 and nftables; needs no twill.</summary>
    internal static string Shell(IReadOnlyList<LabStep> steps)
    {
        var text = new StringBuilder("#!/bin/sh\nset -e\n");
        string? group = null;
        foreach (LabStep step in steps)
        {
            if (step.Group != group) text.Append(step.Group.Length == 0 ? "\n# what goes\n" : $"\n# {step.Group}\n");
            group = step.Group;
            foreach (string line in step.Lines) text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>"+ line" for what would be done, "- line" for what would go.</summary>
    internal static string Changes(IReadOnlyList<LabStep> steps)
    {
        var text = new StringBuilder();
        foreach (LabStep step in steps)
        {
            foreach (string line in step.Lines) text.Append(step.Removes ? "- " : "+ ").Append(line).Append('\n');
        }

        return text.ToString();
    }
}
