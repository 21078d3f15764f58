using System.Buffers;
using System.Text.Json;

namespace Twill.Kube;

/// <summary>Reads one page of a list while it arrives: an object at a time, so that a page costs no more memory than its largest object.</summary>
internal sealed class ListReader<T>(ObjectReader<T> objects, Action<KubeItem<T>> each, Action<KubeException> unreadable)
    where T : class, IEquatable<T>
{
    private JsonReaderState _state;
    private Place _place = Place.Start;

    private enum Place
    {
        Start,
        Top,
        Metadata,
        BeforeItems,
        Items,
        Value,
        End,
    }

    public ulong Version { get; private set; }

    /// <summary>The token for the next page; null on the last.</summary>
    public string? Continue { get; private set; }

    public bool IsComplete => _place == Place.End;


    /// <summary>Takes what is whole from the buffer, and says up to where.</summary>
    /// <exception cref="JsonException">No JSON, or another JSON than a list.</exception>
    public SequencePosition Take(in ReadOnlySequence<byte> buffer, bool isLast)
    {
        var json = new Utf8JsonReader(buffer, isLast, _state);
        var taken = buffer.Start;
        while (_place != Place.End && Step(ref json, buffer.Slice(taken)))
        {
            taken = json.Position;
            _state = json.CurrentState;
        }

        return taken;
    }

    /// <summary>One token, or one value as a whole; false where it is not all there yet, and then nothing has happened.</summary>
    private bool Step(ref Utf8JsonReader json, in ReadOnlySequence<byte> rest)
    {
        var before = json.BytesConsumed;
        if (!json.Read())
            return false;
        switch (_place)
        {
            case Place.Start:
                Expect(json.TokenType == JsonTokenType.StartObject, "the answer is no object");
                _place = Place.Top;
                return true;
            case Place.Top:
                _place = json.TokenType == JsonTokenType.EndObject ? Place.End
                    : json.ValueTextEquals("metadata"u8) ? Place.Metadata
                    : json.ValueTextEquals("items"u8) ? Place.BeforeItems
                    : Place.Value;
                return true;
            case Place.BeforeItems:
                Expect(json.TokenType is JsonTokenType.StartArray or JsonTokenType.Null, "items is no array");
                _place = json.TokenType == JsonTokenType.Null ? Place.Top : Place.Items;
                return true;
            case Place.Items when json.TokenType == JsonTokenType.EndArray:
                _place = Place.Top;
                return true;
        }

        var start = json.TokenStartIndex;
        if (!json.TrySkip())
            return false;
        var value = rest.Slice(start - before, json.BytesConsumed - start);
        if (_place == Place.Items)
        {
            Expect(json.TokenType == JsonTokenType.EndObject, "an element of items is no object");
            ReadItem(value);
            return true;
        }

        if (_place == Place.Metadata)
            ReadMetadata(value);
        _place = Place.Top;
        return true;
    }

    private void ReadItem(in ReadOnlySequence<byte> value)
    {
        KubeItem<T> item;
        try
        {
            item = objects.Read(value);
        }
        catch (KubeException e) when (e.Fault == KubeFault.Object)
        {
            unreadable(e);
            return;
        }

        each(item);
    }

    private void ReadMetadata(in ReadOnlySequence<byte> value)
    {
        var json = new Utf8JsonReader(value);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            return;
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("resourceVersion"u8))
                Version = ObjectReader<T>.Version(ref json);
            else if (json.ValueTextEquals("continue"u8))
                Continue = json.StringValue(null) is { Length: > 0 } token ? token : null;
            else
                json.SkipValue();
        }
    }

    private static void Expect(bool condition, string why)
    {
        if (!condition)
            throw new JsonException(why);
    }
}
