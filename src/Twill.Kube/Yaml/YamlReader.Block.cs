namespace Twill.Kube.Yaml;

/// <content>Maps and lists by indentation.</content>
public sealed partial class YamlReader
{
    /// <summary>The node at the position, which must stand further right than its parent; else it is a null.</summary>
    /// <param name="parent">The parent's column from 0; -1 at the top.</param>
    private YamlNode BlockNode(int parent, YamlStep? step)
    {
        var absent = NullNode(step);
        SkipToContent();
        if (AtDocumentEnd || CurrentColumn <= parent)
            return absent;
        Enter();
        var node = AtListItem ? BlockList(CurrentColumn, step) : AtKey() ? BlockMap(CurrentColumn, step) : Value(parent, step);
        Leave();
        return node;
    }

    private bool AtListItem => Peek() == '-' && IsSpace(Peek(1));

    private YamlNode BlockList(int column, YamlStep? step)
    {
        var origin = Here(step);
        var items = new List<YamlNode>();
        while (true)
        {
            _pos++;
            var itemStep = new YamlStep(step, null, items.Count);
            if (Peek() == '\t')
                throw Error("a tab after the dash; use a space");
            items.Add(BlockNode(column, itemStep));
            SkipToContent();
            if (AtDocumentEnd || CurrentColumn < column || (CurrentColumn == column && !AtListItem))
                return YamlNode.List(origin, items);
            if (CurrentColumn > column)
                throw Error("this is indented further than the items of its list, and belongs to none of them");
        }
    }

    private YamlNode BlockMap(int column, YamlStep? step)
    {
        var origin = Here(step);
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (true)
        {
            var key = Key(lines, inFlow: false);
            var child = new YamlStep(step, key, 0);
            SkipBlanks();
            entries.Add(new(key, IsBreakOrEnd(Peek()) || Peek() == '#' ? ValueBelow(column, child) : ValueBeside(column, child)));
            SkipToContent();
            if (AtDocumentEnd || CurrentColumn < column)
                return YamlNode.Map(origin, entries);
            if (CurrentColumn > column)
                throw Error("this is indented further than the keys of its map, and belongs to none of them");
            if (AtListItem)
                throw Error("an item of a list between the keys of a map; is its indentation right?");
            if (!AtKey())
                throw Error("a key with a colon and a space is expected here");
        }
    }

    /// <summary>A value on the lines below its key. A list may stand in the key's own column, as kubectl writes it.</summary>
    private YamlNode ValueBelow(int column, YamlStep step)
    {
        var absent = NullNode(step);
        SkipToContent();
        if (AtDocumentEnd || CurrentColumn < column || (CurrentColumn == column && !AtListItem))
            return absent;
        if (CurrentColumn > column)
            return BlockNode(column, step);
        Enter();
        var node = BlockList(column, step);
        Leave();
        return node;
    }

    private YamlNode ValueBeside(int column, YamlStep step)
    {
        if (AtListItem)
            throw Error("a list begins on the line of its key; put it on the next line");
        return Value(column, step);
    }

    /// <summary>A scalar or a flow collection.</summary>
    private YamlNode Value(int parent, YamlStep? step)
    {
        RefuseIndicator();
        switch (Peek())
        {
            case '[' or '{':
                var flow = FlowNode(step);
                EndOfLine("the closing bracket");
                return flow;
            case '|' or '>':
                return BlockScalar(parent, step);
            case '"' or '\'':
                var origin = Here(step);
                var text = Quoted();
                EndOfLine("the closing quote");
                return YamlNode.Scalar(origin, text, quoted: true);
            default:
                return PlainBlock(parent, step);
        }
    }

    /// <summary>Does a key begin here: a scalar with a colon and a space behind it, on this line?</summary>
    private bool AtKey()
    {
        var i = _pos;
        if (Peek() is '"' or '\'')
        {
            i = QuoteEnd(_pos);
            while (i < _text.Length && IsBlank(_text[i]))
                i++;
            return i < _text.Length && _text[i] == ':' && (i + 1 == _text.Length || IsSpace(_text[i + 1]));
        }

        if (Peek() is '[' or '{' or '|' or '>')
            return false;
        for (; i < _text.Length && _text[i] != '\n'; i++)
        {
            if (_text[i] == '#' && i > _pos && IsBlank(_text[i - 1]))
                return false;
            if (_text[i] == ':' && (i + 1 == _text.Length || IsSpace(_text[i + 1])))
                return true;
        }

        return false;
    }

    /// <summary>Behind the closing quote if it is on this line; else the end of the line.</summary>
    private int QuoteEnd(int start)
    {
        var quote = _text[start];
        var i = start + 1;
        for (; i < _text.Length && _text[i] != '\n'; i++)
        {
            if (_text[i] == '\\' && quote == '"')
                i++;
            else if (_text[i] == quote)
                return i + 1;
        }

        return Math.Min(i, _text.Length);
    }

    /// <summary>Reads a key and its colon; the position is behind the colon.</summary>
    /// <param name="lines">The keys of this map so far, with their lines.</param>
    private string Key(Dictionary<string, int> lines, bool inFlow)
    {
        RefuseIndicator();
        var (line, start, lineStart) = (_line, _pos, _lineStart);
        var quoted = Peek() is '"' or '\'';
        var key = quoted ? Quoted() : PlainLine(inFlow);
        if (!quoted && key == "<<")
            throw At(start, line, lineStart, "a merge key (<<) is not read here; write the keys out where they are needed");
        if (key.Length == 0 && !quoted)
            throw At(start, line, lineStart, "a key without a name");
        SkipBlanks();
        if (inFlow)
            SkipToContent();
        if (Peek() == ':')
            _pos++;
        else if (!inFlow)
            throw Error("a colon is expected after the key");
        if (!lines.TryAdd(key, line))
            throw At(start, line, lineStart, $"the key {YamlException.Quote(key)} was there already, on line {lines[key]}");
        return key;
    }

    private YamlException At(int pos, int line, int lineStart, string why)
    {
        (_pos, _line, _lineStart) = (pos, line, lineStart);
        return Error(why);
    }

    private void RefuseIndicator()
    {
        var what = Peek() switch
        {
            '&' => "an anchor (&) is not read here; write the value out where it is needed",
            '*' => "an alias (*) is not read here; write the value out, or put it in quotes if it is a text",
            '!' => "a tag (!) is not read here; leave it out, or put the value in quotes if it is a text",
            '%' when CurrentColumn == 0 => "a directive (%) is not read here; leave it out",
            '%' => "a text cannot begin with %; put it in quotes",
            '@' => "a text cannot begin with @; put it in quotes",
            '`' => "a text cannot begin with `; put it in quotes",
            '?' when IsSpace(Peek(1)) => "a key in the long form (?) is not read here; write it as key: value",
            ',' or ']' or '}' => $"{Peek()} closes or parts nothing here",
            _ => null,
        };
        if (what is not null)
            throw Error(what);
    }
}
