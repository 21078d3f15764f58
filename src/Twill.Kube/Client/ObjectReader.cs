using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Twill.Kube;

/// <summary>What is known already of an object, so that nothing is allocated for what did not change.</summary>
internal interface IKnownObjects<T>
    where T : class, IEquatable<T>
{
    /// <param name="key">As in <see cref="KubeItem{T}.Key"/>, before it is a string.</param>
    /// <param name="ownKey">The same key, as the string that is kept.</param>
    bool TryGet(ReadOnlySpan<char> key, out string ownKey, out T value);
}

/// <summary>Reads objects out of lists and events: first the name and the version, then by the resource's reader what is kept.</summary>
/// <remarks>
/// Resource versions are decimal numbers that may be compared; Kubernetes promises it since 1.35 (KEP-5504), and has done it ever
/// since it keeps its objects in etcd. One of another kind is refused.
/// </remarks>
internal sealed class ObjectReader<T>(KubeResource<T> resource, IKnownObjects<T>? known)
    where T : class, IEquatable<T>
{
    /// <summary>A namespace has at most 63 characters and a name 253.</summary>
    private const int MaxKey = 63 + 1 + 253;

    private readonly IKubeReader<T> _reader = resource.NewReader();
    private readonly char[] _key = new char[MaxKey];
    private readonly char[] _name = new char[MaxKey];

    /// <exception cref="KubeException">Fault Object: this one cannot be read. Its Key is in the message, if it has one.</exception>
    public KubeItem<T> Read(in ReadOnlySequence<byte> utf8)
    {
        string? key = null;
        try
        {
            var length = ReadKey(utf8, out var version);
            var span = _key.AsSpan(0, length);
            T? value = null;
            if (known is null || !known.TryGet(span, out key, out value!))
                key = span.ToString();
            var json = new Utf8JsonReader(utf8);
            json.Read();
            return new KubeItem<T>(key, version, _reader.Read(key, ref json, value));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or JsonException or ArgumentException)
        {
            throw KubeException.UnreadableObject(resource.Plural, key, e);
        }
    }

    /// <summary>Only the version: of a bookmark's object.</summary>
    public static ulong ReadVersion(in ReadOnlySequence<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        json.Read();
        ulong version = 0;
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("metadata"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterObject())
                continue;
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("resourceVersion"u8))
                    version = Version(ref json);
                else
                    json.SkipValue();
            }
        }

        return version;
    }

    /// <summary>Reads a property's value as a resource version.</summary>
    public static ulong Version(ref Utf8JsonReader json)
    {
        const int maxDigits = 20;
        if (!json.Read() || json.TokenType != JsonTokenType.String)
            throw new FormatException("a resourceVersion that is no text");
        Span<byte> copy = stackalloc byte[maxDigits];
        var length = json.HasValueSequence ? json.ValueSequence.Length : json.ValueSpan.Length;
        if (length is > 0 and <= maxDigits)
        {
            if (json.HasValueSequence)
                json.ValueSequence.CopyTo(copy);
            else
                json.ValueSpan.CopyTo(copy);
            if (Utf8Parser.TryParse(copy[..(int)length], out ulong value, out var used) && used == length)
                return value;
        }

        throw new FormatException($"the resourceVersion \"{(length <= MaxKey ? json.GetString() : "...")}\" is not a number");
    }

    private int ReadKey(in ReadOnlySequence<byte> utf8, out ulong version)
    {
        var (spaceLength, nameLength, hasVersion) = (0, 0, false);
        version = 0;
        var json = new Utf8JsonReader(utf8);
        json.Read();
        while (json.NextProperty())
        {
            if (!json.ValueTextEquals("metadata"u8))
            {
                json.SkipValue();
                continue;
            }

            if (!json.EnterObject())
                break;
            while (json.NextProperty())
            {
                if (json.ValueTextEquals("name"u8))
                {
                    nameLength = Copy(ref json, _name);
                }
                else if (json.ValueTextEquals("namespace"u8))
                {
                    spaceLength = Copy(ref json, _key);
                }
                else if (json.ValueTextEquals("resourceVersion"u8))
                {
                    version = Version(ref json);
                    hasVersion = true;
                }
                else
                {
                    json.SkipValue();
                }

                // Go writes these before the long ones; what follows need not be looked at twice.
                if (nameLength > 0 && hasVersion && (spaceLength > 0 || !resource.IsNamespaced))
                    break;
            }

            break;
        }

        if (nameLength == 0 || !hasVersion || (spaceLength == 0 && resource.IsNamespaced))
            throw new FormatException($"metadata without {(nameLength == 0 ? "name" : hasVersion ? "namespace" : "resourceVersion")}");
        if (!resource.IsNamespaced)
            spaceLength = 0;
        var start = spaceLength == 0 ? 0 : spaceLength + 1;
        if (start + nameLength > MaxKey)
            throw new FormatException("a name that is too long");
        if (start > 0)
            _key[spaceLength] = '/';
        _name.AsSpan(0, nameLength).CopyTo(_key.AsSpan(start));
        return start + nameLength;
    }

    private static int Copy(ref Utf8JsonReader json, char[] to)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
            throw new FormatException("a name that is no text");
        var length = json.HasValueSequence ? json.ValueSequence.Length : json.ValueSpan.Length;
        return length <= MaxKey ? json.CopyString(to) : throw new FormatException("a name that is too long");
    }
}
