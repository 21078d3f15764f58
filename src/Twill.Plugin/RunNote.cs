using System.Diagnostics;
using System.Globalization;
using System.Text;
using Twill.Cni;
using Twill.Linux.Sys;

namespace Twill.Plugin;

/// <summary>How one run of the plugin ended: told to the agent, if there is one, when the runtime has its answer. Nothing waits for it, nothing depends on it.</summary>
/// <param name="Verb">ADD and so on; <see cref="NoVerb"/> where the runtime said something else.</param>
/// <param name="Code">0, or the error object's.</param>
/// <param name="Microseconds">From the plugin's first statement to the answer; the process' own start of about a millisecond is not in it.</param>
internal readonly record struct RunNote(string Verb, int Code, long Microseconds)
{
    /// <summary>The agent's name for it, one in each network namespace.</summary>
    internal const string BoxName = "twill:runs";

    internal const string NoVerb = "none";

    internal static void Send(CniVerb? verb, int code, long start)
    {
        var note = new RunNote(verb is { } v ? WordOf(v) : NoVerb, code, (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        Postbox.TrySend(BoxName, Encoding.ASCII.GetBytes(note.ToString()));
    }

    /// <summary>"ADD 0 1234".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Verb} {Code} {Microseconds}");

    internal static bool TryParse(ReadOnlySpan<byte> text, out RunNote note)
    {
        note = default;
        string[] words = Encoding.ASCII.GetString(text).Split(' ');
        if (words.Length != 3 || !IsVerb(words[0]) || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int code) || !long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)) return false;
        note = new RunNote(words[0], code, microseconds);
        return true;
    }

    private static bool IsVerb(string word) => word == NoVerb || Array.Exists(Enum.GetValues<CniVerb>(), v => WordOf(v) == word);

    private static string WordOf(CniVerb verb) => verb switch
    {
        CniVerb.Add => "ADD",
        CniVerb.Del => "DEL",
        CniVerb.Check => "CHECK",
        CniVerb.Gc => "GC",
        CniVerb.Status => "STATUS",
        _ => "VERSION",
    };
}
