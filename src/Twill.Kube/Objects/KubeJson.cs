using System.Text.Json;

namespace Twill.Kube;

/// <summary>Steps through an object for an <see cref="IKubeReader{T}"/>. A null counts as absent, as Go treats it.</summary>
/// <remarks>All of them throw FormatException, InvalidOperationException or JsonException where the type is another; the caller of the reader names the object.</remarks>
public static class KubeJson
{
    /// <summary>Moves to the next property's name; false, and on the object's end, when there is none.</summary>
    public static bool NextProperty(this ref Utf8JsonReader json)
    {
        Advance(ref json);
        return json.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>From a property's name, or an element before it, into its object; false where the value is null.</summary>
    public static bool EnterObject(this ref Utf8JsonReader json) => Enter(ref json, JsonTokenType.StartObject, "an object");

    /// <summary>From a property's name into its array; false where the value is null.</summary>
    public static bool EnterArray(this ref Utf8JsonReader json) => Enter(ref json, JsonTokenType.StartArray, "an array");

    /// <summary>Moves to the next element; false, and on the array's end, when there is none.</summary>
    public static bool NextElement(this ref Utf8JsonReader json)
    {
        Advance(ref json);
        return json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>A property's text; null where the value is null. The known string itself if it is the same: then nothing is allocated.</summary>
    public static string? StringValue(this ref Utf8JsonReader json, string? known)
    {
        Advance(ref json);
        return json.TokenType == JsonTokenType.Null ? null : json.Text(known);
    }

    /// <summary>The text on which the reader stands.</summary>
    public static string Text(this ref Utf8JsonReader json, string? known)
    {
        if (json.TokenType != JsonTokenType.String)
            throw new FormatException($"a {json.TokenType} where a text is expected");
        return known is not null && json.ValueTextEquals(known) ? known : json.GetString()!;
    }

    public static bool BoolValue(this ref Utf8JsonReader json)
    {
        Advance(ref json);
        return json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => throw new FormatException($"a {json.TokenType} where true or false is expected"),
        };
    }

    public static int Int32OrZero(this ref Utf8JsonReader json)
    {
        Advance(ref json);
        if (json.TokenType == JsonTokenType.Null)
            return 0;
        return json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var value) ? value : throw new FormatException("a whole number is expected");
    }

    /// <summary>Over a property's value.</summary>
    public static void SkipValue(this ref Utf8JsonReader json)
    {
        Advance(ref json);
        json.Skip();
    }

    private static bool Enter(ref Utf8JsonReader json, JsonTokenType start, string what)
    {
        Advance(ref json);
        if (json.TokenType == JsonTokenType.Null)
            return false;
        return json.TokenType == start ? true : throw new FormatException($"a {json.TokenType} where {what} is expected");
    }

    private static void Advance(ref Utf8JsonReader json)
    {
        if (!json.Read())
            throw new FormatException("the text ends too early");
    }
}
