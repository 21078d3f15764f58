using System.Text;

namespace Twill.Kube.Yaml;

/// <content>Literal | and folded &gt;.</content>
public sealed partial class YamlReader
{
    /// <remarks>Source: YAML 1.2.2, section 8.1: indentation and chomping indicators in any order; empty lines and lines that are indented further do not fold.</remarks>
    private YamlNode BlockScalar(int parent, YamlStep? step)
    {
        var origin = Here(step);
        var folded = Peek() == '>';
        _pos++;
        var (indent, chomp) = Header();
        EndOfLine("the indicator of a block of text");
        while (!IsBreakOrEnd(Peek()))
            _pos++;
        if (!AtEnd)
            NextLine();

        var column = indent > 0 ? Math.Max(parent, 0) + indent : DetectIndent(parent);
        var text = new StringBuilder();
        var breaks = 0;
        var wasMore = true;
        while (!AtEnd)
        {
            var blank = _pos;
            while (blank - _lineStart < column && blank < _text.Length && _text[blank] == ' ')
                blank++;
            if (blank < _text.Length && _text[blank] == '\n')
            {
                breaks++;
                _pos = blank;
                NextLine();
                continue;
            }

            if (blank >= _text.Length || blank - _lineStart < column || AtMarker("---") || AtMarker("..."))
                break;
            var end = _text.IndexOf('\n', blank);
            end = end < 0 ? _text.Length : end;
            var isMore = IsBlank(_text[blank]);
            if (text.Length == 0 || !folded || isMore || wasMore)
                text.Append('\n', breaks);
            else
                AppendFold(text, breaks);
            text.Append(_text, blank, end - blank);
            wasMore = isMore;
            breaks = 0;
            _pos = end;
            if (AtEnd)
                break;
            NextLine();
            breaks = 1;
        }

        if (chomp == '+')
            text.Append('\n', breaks);
        else if (chomp == '\0' && text.Length > 0 && breaks > 0)
            text.Append('\n');
        return YamlNode.Scalar(origin, text.ToString(), quoted: true);
    }

    private (int Indent, char Chomp) Header()
    {
        var indent = 0;
        var chomp = '\0';
        for (var i = 0; i < 2; i++)
        {
            if (chomp == '\0' && Peek() is '+' or '-')
                chomp = Peek();
            else if (indent == 0 && Peek() is >= '1' and <= '9')
                indent = Peek() - '0';
            else
                break;
            _pos++;
        }

        return (indent, chomp);
    }

    /// <summary>The column of the first line with text; it must be further right than the parent.</summary>
    private int DetectIndent(int parent)
    {
        var widest = 0;
        for (var i = _pos; i < _text.Length;)
        {
            var start = i;
            while (i < _text.Length && _text[i] == ' ')
                i++;
            if (i == _text.Length)
                break;
            if (_text[i] != '\n')
            {
                var column = i - start;
                if (column > parent && widest > column)
                    throw Error("an empty line of this block of text is indented further than its first line");
                return Math.Max(column, parent + 1);
            }

            widest = Math.Max(widest, i - start);
            i++;
        }

        return Math.Max(widest, parent + 1);
    }
}
