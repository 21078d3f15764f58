using System.Text;

namespace Twill.Cli;

/// <summary>A page of docs/ as a man page: the part of Markdown that our documents use. The title gives way to the page's name.</summary>
/// <remarks>Headings, paragraphs, lists, fenced and indented blocks, tables (a row is a term and what the other columns say of it), code, emphasis, links.</remarks>
internal sealed class RoffDocument
{
    /// <summary>A column under this heading explains by itself.</summary>
    private const string Speaking = "meaning";

    private readonly StringBuilder _text = new();
    private string[]? _columns;
    private bool _fence, _indented, _description, _paragraph;

    internal static string Draw(string name, int section, string brief, string markdown)
    {
        var page = new RoffDocument();
        page._text.Append(Roff.Head(name, section, brief));
        foreach (string line in markdown.Split('\n')) page.Take(line);
        page.EndIndented();
        return page._text.ToString();
    }

    private void Take(string line)
    {
        if (line.StartsWith("```", StringComparison.Ordinal))
        {
            _fence = !_fence;
            Line(_fence ? ".PP\n.RS 4\n.nf" : ".fi\n.RE");
            _paragraph = false;
        }
        else if (_fence) Line(Roff.Escape(line.Replace("`", "'", StringComparison.Ordinal)));
        else if (line.StartsWith("    ", StringComparison.Ordinal)) Indented(line[4..]);
        else if (line.StartsWith("# ", StringComparison.Ordinal)) return;
        else if (line.StartsWith('#')) Heading(line);
        else if (line.StartsWith('|')) Row(line);
        else if (line.Trim().Length == 0) Blank();
        else Words(line.Trim());
    }

    private void Heading(string line)
    {
        EndIndented();
        string title = line.TrimStart('#').Trim().Replace("`", "", StringComparison.Ordinal);
        Line(line.StartsWith("###", StringComparison.Ordinal) ? $".SS {Roff.Escape(title)}" : $".SH {Roff.Escape(title.ToUpperInvariant())}");
        _description = true;
        _paragraph = false;
    }

    private void Row(string line)
    {
        string[] cells = [.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())];
        if (_columns is null)
        {
            _columns = cells;
            return;
        }

        if (cells.All(c => c.Length > 0 && c.All(x => x is '-' or ':'))) return;
        var says = new List<string>();
        for (int i = 1; i < Math.Min(cells.Length, _columns.Length); i++)
        {
            if (cells[i].Length > 0) says.Add(_columns[i].Length == 0 || _columns[i] == Speaking ? Text(cells[i]) : $@"\fI{Roff.Escape(_columns[i])}\fR: {Text(cells[i])}");
        }

        Line($".TP\n{Text(cells[0])}\n{string.Join(";\n", says)}.");
        _paragraph = false;
    }

    private void Indented(string line)
    {
        if (!_indented) Line(".PP\n.RS 4\n.nf");
        _indented = true;
        Line(Roff.Escape(line.Replace("`", "'", StringComparison.Ordinal)));
    }

    private void EndIndented()
    {
        if (_indented) Line(".fi\n.RE");
        _indented = false;
    }

    private void Blank()
    {
        EndIndented();
        _columns = null;
        _paragraph = false;
    }

    private void Words(string line)
    {
        EndIndented();
        if (!_description)
        {
            Line(".SH DESCRIPTION");
            _description = _paragraph = true;
        }

        if (line.Split(' ', 2) is [var mark, var rest] && (mark == "-" || (mark.EndsWith('.') && mark[..^1].All(char.IsAsciiDigit))))
        {
            Line($".IP {(mark == "-" ? @"\(bu 2" : $"{mark} 4")}");
            line = rest.Trim();
        }
        else if (!_paragraph && !Ends(".SH") && !Ends(".SS")) Line(".PP");

        _paragraph = true;
        Line(Text(line));
    }

    /// <summary>Whether the last line is an instruction of this name, after which a paragraph begins by itself.</summary>
    private bool Ends(string instruction)
    {
        string all = _text.ToString();
        return all[(all.LastIndexOf('\n', all.Length - 2) + 1)..].StartsWith(instruction, StringComparison.Ordinal);
    }

    private static string Text(string markdown) => Roff.Escape(WithoutLinks(markdown).Replace("**", "", StringComparison.Ordinal));

    /// <summary>Of [words](address) the words.</summary>
    private static string WithoutLinks(string text)
    {
        for (int middle = text.IndexOf("](", StringComparison.Ordinal); middle >= 0; middle = text.IndexOf("](", StringComparison.Ordinal))
        {
            int start = text.LastIndexOf('[', middle), end = text.IndexOf(')', middle);
            if (start < 0 || end < 0) break;
            text = text[..start] + text[(start + 1)..middle] + text[(end + 1)..];
        }

        return text;
    }

    private void Line(string text) => _text.Append(text).Append('\n');
}
