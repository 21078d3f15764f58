namespace Twill.Cni;

/// <summary>A failure in the words of the specification; the program prints it as the error object and exits non-zero.</summary>
/// <param name="code">One of <see cref="CniErrorCode"/>.</param>
/// <param name="msg">What failed, on which object, why, what to do: one line.</param>
/// <param name="details">More of it, may be empty.</param>
/// <param name="inner">The failure underneath, for our own log; it is not printed.</param>
public sealed class CniException(int code, string msg, string details = "", Exception? inner = null) : Exception(msg, inner)
{
    private const int MaxQuotedLength = 96;

    public int Code { get; } = code;

    public string Details { get; } = details;

    /// <summary>Code 2 for a field that is well formed but asks for what we do not do; key and value go into the message.</summary>
    public static CniException Unsupported(string key, string value, string why) =>
        new(CniErrorCode.UnsupportedField, $"unsupported field {key} {Shorten(value)}: {why}");

    /// <summary>Hostile text for a message: in quotes, cut after 96 characters, control characters replaced.</summary>
    public static string Quote(string text) => $"\"{Shorten(text)}\"";

    internal static string Shorten(string text)
    {
        var cut = text.Length > MaxQuotedLength ? string.Concat(text.AsSpan(0, MaxQuotedLength), "...") : text;
        foreach (var c in cut)
        {
            if (char.IsControl(c))
                return string.Create(cut.Length, cut, static (to, from) => { for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) ? '?' : from[i]; });
        }

        return cut;
    }
}
