using System.Globalization;
using System.Text;

namespace Twill.Kube.Yaml;

/// <content>Scalars: plain, quoted, literal and folded.</content>
public sealed partial class YamlReader
{
    /// <summary>A plain scalar and the lines on which it goes on: those further right than its parent.</summary>
    private YamlNode PlainBlock(int parent, YamlStep? step)
    {
        var origin = Here(step);
        var first = PlainLine(inFlow: false);
        StringBuilder? folded = null;
        while (true)
        {
            if (Peek() == ':')
                throw Error(folded is null ? "a second colon on the line; put the value in quotes if the colon belongs to it" : "a key below a value that began beside its own key; is the indentation right?");
            if (!IsBreakOrEnd(Peek()))
                break;
            var (pos, line, lineStart) = (_pos, _line, _lineStart);
            var breaks = SkipBreaks();
            if (AtDocumentEnd || CurrentColumn <= parent || Peek() == '#')
            {
                (_pos, _line, _lineStart) = (pos, line, lineStart);
                break;
            }

            // YAML would make "1 - b" of it; nobody who writes that means it.
            if (AtListItem)
                throw Error("a list's item below a value that began beside its key; is the indentation right?");
            folded ??= new StringBuilder(first);
            AppendFold(folded, breaks);
            folded.Append(PlainLine(inFlow: false));
        }

        return YamlNode.Scalar(origin, folded?.ToString() ?? first, quoted: false);
    }

    private string PlainFlow()
    {
        if (AtListItem || Peek() is '|' or '>')
            throw Error($"{YamlException.Quote(Peek().ToString())} has no meaning inside of brackets; put a text in quotes");
        var first = PlainLine(inFlow: true);
        StringBuilder? folded = null;
        while (Peek() == '\n')
        {
            var (pos, line, lineStart) = (_pos, _line, _lineStart);
            var breaks = SkipBreaks();
            if (AtDocumentEnd || Peek() is '#' or ':' || IsFlowIndicator(Peek()))
            {
                (_pos, _line, _lineStart) = (pos, line, lineStart);
                break;
            }

            folded ??= new StringBuilder(first);
            AppendFold(folded, breaks);
            folded.Append(PlainLine(inFlow: true));
        }

        var text = folded?.ToString() ?? first;
        return text.Length > 0 ? text : throw Error($"{YamlException.Quote(Peek().ToString())} is unexpected here");
    }

    /// <summary>Plain text up to the end of the line, a comment, or the colon of a key.</summary>
    private string PlainLine(bool inFlow)
    {
        var start = _pos;
        var end = _pos;
        for (; !IsBreakOrEnd(Peek()); _pos++)
        {
            var c = Peek();
            if (c == ':' && (IsSpace(Peek(1)) || (inFlow && IsFlowIndicator(Peek(1)))))
                break;
            if (c == '#' && _pos > start && IsBlank(_text[_pos - 1]))
                break;
            if (inFlow && IsFlowIndicator(c))
                break;
            if (!IsBlank(c))
                end = _pos + 1;
        }

        return _text[start..end];
    }

    /// <summary>From the end of a line to the next text; how many line ends were passed.</summary>
    private int SkipBreaks()
    {
        var breaks = 0;
        while (true)
        {
            SkipBlanks();
            if (Peek() != '\n')
                return breaks;
            NextLine();
            breaks++;
        }
    }

    /// <summary>One line end becomes a space, more become one less.</summary>
    private static void AppendFold(StringBuilder text, int breaks)
    {
        if (breaks == 1)
            text.Append(' ');
        else
            text.Append('\n', breaks - 1);
    }

    private string Quoted()
    {
        var quote = Peek();
        var (start, line, lineStart) = (_pos, _line, _lineStart);
        var text = new StringBuilder();
        _pos++;
        // Blanks before a line end are not part of the text, but those that were escaped are.
        var kept = 0;
        while (true)
        {
            if (AtDocumentEnd)
                throw At(start, line, lineStart, "this quote is not closed");
            var c = Peek();
            if (c == quote)
            {
                _pos++;
                if (quote == '"' || Peek() != '\'')
                    return text.ToString();
                text.Append('\'');
                _pos++;
                kept = text.Length;
            }
            else if (c == '\\' && quote == '"')
            {
                Escape(text);
                kept = text.Length;
            }
            else if (c == '\n')
            {
                text.Length = TrimmedLength(text, kept);
                AppendFold(text, SkipBreaks());
                kept = text.Length;
            }
            else
            {
                text.Append(c);
                _pos++;
            }
        }
    }

    private static int TrimmedLength(StringBuilder text, int atLeast)
    {
        var length = text.Length;
        while (length > atLeast && IsBlank(text[length - 1]))
            length--;
        return length;
    }

    private void Escape(StringBuilder text)
    {
        var c = Peek(1);
        if (c == '\n')
        {
            _pos++;
            NextLine();
            SkipBlanks();
            return;
        }

        var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            AppendCodePoint(text, digits);
            return;
        }

        text.Append(c switch
        {
            '0' => '\0',
            'a' => '\a',
            'b' => '\b',
            't' or '\t' => '\t',
            'n' => '\n',
            'v' => '\v',
            'f' => '\f',
            'r' => '\r',
            'e' => '\x1b',
            ' ' or '"' or '/' or '\\' => c,
            'N' => '\x85',
            '_' => '\xa0',
            'L' => '\u2028',
            'P' => '\u2029',
            _ => throw Error(@"an unknown escape; in double quotes a backslash is written \\"),
        });
        _pos += 2;
    }

    private void AppendCodePoint(StringBuilder text, int digits)
    {
        var high = Hex(_pos + 2, digits);
        if (high is >= 0xd800 and < 0xdc00 && digits == 4 && Peek(6) == '\\' && Peek(7) == 'u')
        {
            // JSON writes what is beyond U+FFFF as a pair.
            var low = Hex(_pos + 8, 4);
            if (low is < 0xdc00 or > 0xdfff)
                throw Error("half of a surrogate pair");
            text.Append((char)high).Append((char)low);
            _pos += 12;
            return;
        }

        if (!Rune.TryCreate(high, out var rune))
            throw Error(high is >= 0xd800 and <= 0xdfff ? "half of a surrogate pair" : "no character has this number");
        text.Append(rune.ToString());
        _pos += 2 + digits;
    }

    private uint Hex(int at, int digits) =>
        at + digits <= _text.Length && uint.TryParse(_text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Error($"{digits} hexadecimal digits are expected in this escape");
}
