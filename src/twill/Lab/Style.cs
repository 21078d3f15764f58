namespace Twill.Lab;

/// <summary>How a picture may look: colours or none, lines or ASCII.</summary>
internal sealed record Style(bool Colour, bool Unicode)
{
    internal static Style Plain { get; } = new(false, true);

    internal string Dot => Unicode ? "·" : ".";

    internal string Arrow => Unicode ? "→" : "->";

    internal string Good(string text) => Paint(text, "32");

    internal string Bad(string text) => Paint(text, "1;31");

    internal string Strong(string text) => Paint(text, "1");

    private string Paint(string text, string code) => Colour ? $"\e[{code}m{text}\e[0m" : text;
}
