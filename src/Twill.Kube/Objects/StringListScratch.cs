using System.Text.Json;

namespace Twill.Kube;

/// <summary>Collects a list of strings, and gives back the known list itself if it is the same: then nothing is allocated.</summary>
internal sealed class StringListScratch
{
    private readonly List<string> _items = [];
    private IReadOnlyList<string> _known = [];

    public int Count => _items.Count;

    public void Begin(IReadOnlyList<string>? known)
    {
        _items.Clear();
        _known = known ?? [];
    }

    /// <summary>The text on which the reader stands; a null is none.</summary>
    public void Add(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.Null)
            _items.Add(json.Text(_items.Count < _known.Count ? _known[_items.Count] : null));
    }

    public void Add(string text) => _items.Add(text);

    public IReadOnlyList<string> End()
    {
        if (_items.Count == 0)
            return _known.Count == 0 ? _known : [];
        if (_items.Count != _known.Count)
            return _items.ToArray();
        for (var i = 0; i < _items.Count; i++)
        {
            if (_items[i] != _known[i])
                return _items.ToArray();
        }

        return _known;
    }
}
