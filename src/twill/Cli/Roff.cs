using System.Globalization;
using System.Text;
using Twill.Plugin;

namespace Twill.Cli;

/// <summary>The language of man pages, as far as ours need it.</summary>
/// <remarks>Source: groff_man(7), groff_char(7).</remarks>
internal static class Roff
{
    /// <summary>Of the words in the pages; moves with a release.</summary>
    internal const string Date = "2026-11-21";

    /// <summary>Title and name, with which every page begins.</summary>
    internal static string Head(string name, int section, string brief)
        => $".TH {name.ToUpperInvariant()} {section} {Date} \"twill {AboutText.Version}\" \"Twill manual\"\n.SH NAME\n{Escape(name)} \\- {Escape(brief)}\n";

    /// <summary>Text as roff prints it: nothing in it is an instruction, and what is between back quotes is bold.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder();
        bool bold = false;
        foreach (char c in text)
        {
            if (c == '`') bold = !bold;
            escaped.Append(c switch
            {
                '`' => bold ? @"\fB" : @"\fR",
                '\\' => @"\e",
                '-' => @"\-",
                '\'' => @"\(aq",
                '^' => @"\(ha",
                '~' => @"\(ti",
                '"' => @"\(dq",
                > '~' => string.Create(CultureInfo.InvariantCulture, $@"\[u{(int)c:X4}]"),
                _ => c.ToString(),
            });
        }

        if (bold) escaped.Append(@"\fR");
        return escaped.Length > 0 && escaped[0] == '.' ? $@"\&{escaped}" : escaped.ToString();
    }
}
