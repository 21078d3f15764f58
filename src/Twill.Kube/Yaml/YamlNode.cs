using System.Globalization;
using System.Text;

namespace Twill.Kube.Yaml;

/// <summary>One value of a document, which knows its line and its path, so that a complaint about it can name both.</summary>
/// <remarks>
/// A plain scalar stays the text that was written until somebody asks for it as a number or a boolean: <c>1.10</c> and <c>no</c>
/// are never anything else by accident. A plain null, ~ or nothing at all is null, and counts as absent. Immutable once read.
/// </remarks>
public sealed class YamlNode
{
    private readonly YamlOrigin _origin;
    private readonly string _text;
    private readonly bool _quoted;
    private readonly IReadOnlyList<YamlNode> _items;
    private readonly IReadOnlyList<KeyValuePair<string, YamlNode>> _entries;

    private YamlNode(YamlKind kind, in YamlOrigin origin, string text, bool quoted, IReadOnlyList<YamlNode> items, IReadOnlyList<KeyValuePair<string, YamlNode>> entries) =>
        (Kind, _origin, _text, _quoted, _items, _entries) = (kind, origin, text, quoted, items, entries);

    public YamlKind Kind { get; }

    /// <summary>From 1.</summary>
    public int Line => _origin.Line;

    /// <summary>From 1.</summary>
    public int Column => _origin.Column;

    public bool IsNull => Kind == YamlKind.Scalar && !_quoted && _text is "" or "null" or "~" or "Null" or "NULL";

    /// <summary>Where in the document: nodes[2].cidr. Empty for the document itself.</summary>
    public string Path
    {
        get
        {
            var text = new StringBuilder();
            _origin.AppendPath(text);
            return text.ToString();
        }
    }

    /// <summary>The text of a scalar that is not null, quoted or not.</summary>
    public string String() => Kind == YamlKind.Scalar && !IsNull ? _text : throw Invalid("expected a text");

    public bool Bool() => (Kind, _quoted, _text) switch
    {
        (YamlKind.Scalar, false, "true" or "True" or "TRUE") => true,
        (YamlKind.Scalar, false, "false" or "False" or "FALSE") => false,
        _ => throw Invalid("expected true or false"),
    };

    public int Int32(int min, int max) => (int)Int64(min, max);

    /// <summary>A whole number in decimal digits without leading zeros, which some readers take for octal.</summary>
    public long Int64(long min, long max)
    {
        if (Kind != YamlKind.Scalar || _quoted || !long.TryParse(_text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || _text != value.ToString(CultureInfo.InvariantCulture) || value < min || value > max)
        {
            throw Invalid($"expected a whole number from {min} to {max}");
        }

        return value;
    }

    /// <summary>The elements of a list; none if the value is null.</summary>
    public IReadOnlyList<YamlNode> Items() => Kind == YamlKind.List || IsNull ? _items : throw Invalid("expected a list");

    /// <summary>The entries of a map in the order in which they were written; none if the value is null.</summary>
    public IReadOnlyList<KeyValuePair<string, YamlNode>> Entries() => Kind == YamlKind.Map || IsNull ? _entries : throw Invalid("expected a map of keys and values");

    /// <summary>The value of a key; null where the key is absent or its value is null.</summary>
    public YamlNode? Find(string key)
    {
        foreach (var (name, value) in Entries())
        {
            if (name == key)
                return value.IsNull ? null : value;
        }

        return null;
    }

    /// <summary>The value of a key that must be there.</summary>
    public YamlNode Need(string key) => Find(key) ?? throw Invalid($"the key {key} is missing");

    /// <summary>Refuses the first key that is none of these: a misspelt key would be a setting silently lost.</summary>
    public void AllowOnly(params IReadOnlyList<string> keys)
    {
        foreach (var (name, value) in Entries())
        {
            if (!keys.Contains(name))
                throw value.Invalid($"unknown key; known here: {string.Join(", ", keys)}");
        }
    }

    /// <summary>A complaint about this value: its document, line, column, path and text, and what the caller expected.</summary>
    public YamlException Invalid(string why)
    {
        var value = Kind switch
        {
            YamlKind.List => "[...]",
            YamlKind.Map => "{...}",
            _ when IsNull => "null",
            _ => YamlException.Quote(_text),
        };
        var path = Path;
        return new YamlException(_origin.Document, Line, Column, path.Length == 0 ? $"{value}: {why}" : $"{path} {value}: {why}");
    }

    /// <summary>As <see cref="Invalid"/>, for a value that must not be shown: a key, a password, a token.</summary>
    public YamlException InvalidSecret(string why)
    {
        var path = Path;
        return new YamlException(_origin.Document, Line, Column, path.Length == 0 ? why : $"{path}: {why}");
    }

    internal static YamlNode Scalar(in YamlOrigin origin, string text, bool quoted) => new(YamlKind.Scalar, origin, text, quoted, [], []);

    internal static YamlNode List(in YamlOrigin origin, List<YamlNode> items) => new(YamlKind.List, origin, "", false, items, []);

    internal static YamlNode Map(in YamlOrigin origin, List<KeyValuePair<string, YamlNode>> entries) => new(YamlKind.Map, origin, "", false, [], entries);
}
