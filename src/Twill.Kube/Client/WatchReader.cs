using System.Buffers;
using System.Text.Json;

namespace Twill.Kube;

/// <summary>Reads a watch's events; each is a line of its own.</summary>
/// <remarks>Source: k8s.io/apimachinery/pkg/apis/meta/v1, WatchEvent: type and object; the server's encoder ends each with a line end.</remarks>
internal sealed class WatchReader<T>(KubeCall call, ObjectReader<T> objects)
    where T : class, IEquatable<T>
{
    /// <exception cref="KubeException">An ERROR event in the server's words, or no event at all.</exception>
    public KubeEvent<T> Read(in ReadOnlySequence<byte> line)
    {
        try
        {
            var type = Split(line, out var value);
            switch (type)
            {
                case EventWord.Error:
                    var status = KubeStatus.Read(value.ToArray());
                    throw KubeException.FromStatus(call, status.Code, status, null);
                case EventWord.Bookmark:
                    return new KubeEvent<T>(KubeEventType.Bookmark, ObjectReader<T>.ReadVersion(value), "", null);
                default:
                    return ReadObject(type == EventWord.Added ? KubeEventType.Added : type == EventWord.Modified ? KubeEventType.Modified : KubeEventType.Deleted, value);
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw KubeException.Malformed(call, $"an event is not what the API gives: {e.Message}", e);
        }
    }

    private enum EventWord
    {
        None,
        Added,
        Modified,
        Deleted,
        Bookmark,
        Error,
    }

    private KubeEvent<T> ReadObject(KubeEventType type, in ReadOnlySequence<byte> value)
    {
        try
        {
            var item = objects.Read(value);
            return new KubeEvent<T>(type, item.Version, item.Key, item.Value);
        }
        catch (KubeException e) when (e.Fault == KubeFault.Object)
        {
            return new KubeEvent<T>(type, 0, "", null, e);
        }
    }

    private static EventWord Split(in ReadOnlySequence<byte> line, out ReadOnlySequence<byte> value)
    {
        var json = new Utf8JsonReader(line);
        var type = EventWord.None;
        value = default;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new FormatException("it is no object");
        while (json.NextProperty())
        {
            if (json.ValueTextEquals("type"u8))
            {
                json.Read();
                type = json.TokenType != JsonTokenType.String ? EventWord.None
                    : json.ValueTextEquals("ADDED"u8) ? EventWord.Added
                    : json.ValueTextEquals("MODIFIED"u8) ? EventWord.Modified
                    : json.ValueTextEquals("DELETED"u8) ? EventWord.Deleted
                    : json.ValueTextEquals("BOOKMARK"u8) ? EventWord.Bookmark
                    : json.ValueTextEquals("ERROR"u8) ? EventWord.Error
                    : EventWord.None;
            }
            else if (json.ValueTextEquals("object"u8))
            {
                json.Read();
                var start = json.TokenStartIndex;
                json.Skip();
                if (json.TokenType == JsonTokenType.EndObject)
                    value = line.Slice(start, json.BytesConsumed - start);
            }
            else
            {
                json.SkipValue();
            }
        }

        if (type == EventWord.None || value.IsEmpty)
            throw new FormatException($"it has no {(value.IsEmpty ? "object" : "known type")}");
        return json.Read() ? throw new FormatException("there is more than one on a line") : type;
    }
}
