namespace Twill.Kube.Yaml;

/// <content>Maps and lists in brackets, JSON's among them. Their lines need no indentation.</content>
public sealed partial class YamlReader
{
    private YamlNode FlowNode(YamlStep? step)
    {
        var origin = Here(step);
        switch (Peek())
        {
            case '[':
                Enter();
                var list = FlowList(origin, step);
                Leave();
                return list;
            case '{':
                Enter();
                var map = FlowMap(origin, step);
                Leave();
                return map;
            case '"' or '\'':
                return YamlNode.Scalar(origin, Quoted(), quoted: true);
            default:
                RefuseIndicator();
                return YamlNode.Scalar(origin, PlainFlow(), quoted: false);
        }
    }

    private YamlNode FlowList(in YamlOrigin origin, YamlStep? step)
    {
        var items = new List<YamlNode>();
        _pos++;
        while (true)
        {
            SkipFlowSpace('[', origin);
            if (Peek() == ']')
                break;
            items.Add(FlowNode(new YamlStep(step, null, items.Count)));
            SkipFlowSpace('[', origin);
            if (Peek() == ']')
                break;
            if (Peek() == ':')
                throw Error("a key inside of a list; put the pair in { }");
            if (Peek() != ',')
                throw Error("a comma or ] is expected here");
            _pos++;
        }

        _pos++;
        return YamlNode.List(origin, items);
    }

    private YamlNode FlowMap(in YamlOrigin origin, YamlStep? step)
    {
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        _pos++;
        while (true)
        {
            SkipFlowSpace('{', origin);
            if (Peek() == '}')
                break;
            if (Peek() is '[' or '{')
                throw Error("a list or a map as key is not read here");
            var key = Key(lines, inFlow: true);
            var child = new YamlStep(step, key, 0);
            var hasValue = _text[_pos - 1] == ':';
            SkipFlowSpace('{', origin);
            entries.Add(new(key, !hasValue || Peek() is ',' or '}' ? NullNode(child) : FlowNode(child)));
            SkipFlowSpace('{', origin);
            if (Peek() == '}')
                break;
            if (Peek() != ',')
                throw Error("a comma or } is expected here");
            _pos++;
        }

        _pos++;
        return YamlNode.Map(origin, entries);
    }

    private void SkipFlowSpace(char open, in YamlOrigin origin)
    {
        while (true)
        {
            SkipBlanks();
            if (Peek() == '#' && _pos > 0 && IsSpace(_text[_pos - 1]))
            {
                while (!IsBreakOrEnd(Peek()))
                    _pos++;
            }

            if (Peek() != '\n')
                break;
            NextLine();
        }

        if (AtDocumentEnd)
            throw Error($"the {open} of line {origin.Line}, column {origin.Column} is not closed");
    }
}
