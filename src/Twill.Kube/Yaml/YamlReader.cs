using System.Text;
using System.Text.Unicode;

namespace Twill.Kube.Yaml;

/// <summary>Reads the part of YAML that people write by hand and kubectl writes for them; all of JSON is in it.</summary>
/// <remarks>
/// Read: one document; block maps and lists, flow maps and lists over any number of lines, plain, single and double quoted scalars,
/// literal | and folded &gt; with their indicators, comments, one leading ---. Refused, each by its name, line and column: anchors,
/// aliases, tags, merge keys, directives, keys that are not scalars, a key twice, tabs as indentation, a second document.
/// Bounded by <see cref="MaxBytes"/> and <see cref="MaxDepth"/>; no recursion without a bound, no reflection.
/// Source: YAML 1.2.2, sections 6 to 9, with its core schema's words for null and booleans.
/// </remarks>
public sealed partial class YamlReader
{
    /// <summary>More than any file of ours is: 5,000 nodes take 600 kB.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Maps and lists within each other.</summary>
    public const int MaxDepth = 64;

    private readonly string _document;
    private readonly string _text;
    private int _pos;
    private int _line = 1;
    private int _lineStart;
    private int _depth;

    private YamlReader(string document, string text) => (_document, _text) = (document, text);

    /// <summary>Reads one document. An empty one is a null.</summary>
    /// <param name="utf8">The whole text; a byte order mark is skipped.</param>
    /// <param name="document">What it is called in messages: the file's path.</param>
    /// <exception cref="YamlException">With line, column and what to write instead.</exception>
    public static YamlNode Read(ReadOnlySpan<byte> utf8, string document)
    {
        if (utf8.Length > MaxBytes)
            throw new YamlException(document, 1, 1, $"the text has {utf8.Length} bytes; at most {MaxBytes} are read");
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        return new YamlReader(document, Decode(utf8, document)).Document();
    }

    private static string Decode(ReadOnlySpan<byte> utf8, string document)
    {
        if (!Utf8.IsValid(utf8))
        {
            var good = 0;
            while (Rune.DecodeFromUtf8(utf8[good..], out _, out var length) == System.Buffers.OperationStatus.Done)
                good += length;
            var start = utf8[..good].LastIndexOf((byte)'\n') + 1;
            throw new YamlException(document, utf8[..good].Count((byte)'\n') + 1, good - start + 1, "the text is not valid UTF-8 here");
        }

        var text = Encoding.UTF8.GetString(utf8);
        return text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;
    }

    private YamlNode Document()
    {
        RefuseControls();
        SkipToContent();
        if (AtMarker("---"))
        {
            _pos += 3;
            SkipToContent();
        }

        var node = BlockNode(-1, null);
        SkipToContent();
        if (AtMarker("..."))
        {
            _pos += 3;
            SkipToContent();
        }

        if (AtMarker("---"))
            throw Error("a second document begins; only one is read from a file");
        return AtEnd ? node : throw Error("this does not belong to what stands before it; is its indentation right?");
    }

    private bool AtEnd => _pos >= _text.Length;

    private int CurrentColumn => _pos - _lineStart;

    /// <summary>The character at a distance, or NUL behind the end; NUL itself is refused before anything is read.</summary>
    private char Peek(int ahead = 0) => _pos + ahead < _text.Length ? _text[_pos + ahead] : '\0';

    private static bool IsBlank(char c) => c is ' ' or '\t';

    private static bool IsBreakOrEnd(char c) => c is '\n' or '\0';

    private static bool IsSpace(char c) => IsBlank(c) || IsBreakOrEnd(c);

    private static bool IsFlowIndicator(char c) => c is ',' or '[' or ']' or '{' or '}';

    private bool AtMarker(string marker) =>
        CurrentColumn == 0 && string.CompareOrdinal(_text, _pos, marker, 0, 3) == 0 && IsSpace(Peek(3));

    /// <summary>Where a block node ends whatever its indentation: at the end, and at --- and ... in the first column.</summary>
    private bool AtDocumentEnd => AtEnd || AtMarker("---") || AtMarker("...");

    private void SkipBlanks()
    {
        while (IsBlank(Peek()))
            _pos++;
    }

    private void NextLine()
    {
        _pos++;
        _line++;
        _lineStart = _pos;
    }

    /// <summary>Skips the rest of the line, comments and empty lines; then the position is the first character of something.</summary>
    private void SkipToContent()
    {
        while (true)
        {
            var lineStart = CurrentColumn == 0;
            var tab = -1;
            for (; IsBlank(Peek()); _pos++)
            {
                if (lineStart && tab < 0 && Peek() == '\t')
                    tab = _pos;
            }

            if (Peek() == '#' && (_pos == 0 || IsSpace(_text[_pos - 1])))
            {
                while (!IsBreakOrEnd(Peek()))
                    _pos++;
            }

            if (Peek() == '\n')
            {
                NextLine();
                continue;
            }

            if (tab >= 0 && !AtEnd)
            {
                _pos = tab;
                throw Error("a tab in the indentation; use spaces");
            }

            return;
        }
    }

    /// <summary>After a value only a comment may follow on its line.</summary>
    private void EndOfLine(string what)
    {
        var before = _pos;
        SkipBlanks();
        if (IsBreakOrEnd(Peek()) || (Peek() == '#' && _pos > before))
            return;
        throw Error(Peek() == ':' ? $"{what} cannot be a key here" : $"unexpected text after {what}");
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error($"more than {MaxDepth} maps and lists within each other");
    }

    private void Leave() => _depth--;

    private YamlOrigin Here(YamlStep? step) => new(_document, _line, CurrentColumn + 1, step);

    private YamlNode NullNode(YamlStep? step) => YamlNode.Scalar(Here(step), "", quoted: false);

    private YamlException Error(string why) => new(_document, _line, CurrentColumn + 1, why);

    private void RefuseControls()
    {
        for (var i = 0; i < _text.Length; i++)
        {
            var c = _text[i];
            if (c is '\n')
            {
                _line++;
                _lineStart = i + 1;
            }

            if (c is (< ' ' and not ('\n' or '\t')) or '\x7f' or '\uFEFF' or '\uFFFE' or '\uFFFF')
            {
                _pos = i;
                throw Error($"the character U+{(int)c:X4} is not allowed in YAML; write it in double quotes as \\u{(int)c:x4}");
            }
        }

        (_pos, _line, _lineStart) = (0, 1, 0);
    }
}
