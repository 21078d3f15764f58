using System.Globalization;
using System.Text;
using Twill.Linux.Sys;

namespace Twill.Agent;

/// <summary>One line on stderr for each thing that happened, as logfmt; with the priority in front where systemd's journal reads it.</summary>
/// <remarks>Source: sd-daemon(3), "&lt;N&gt;" prefixes; brandur.org/logfmt.</remarks>
internal sealed class AgentLog(TimeProvider time, bool toJournal)
{
    private const int MaxTextLength = 2000;

    internal static AgentLog FromEnvironment(TimeProvider time) => new(time, Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 });

    /// <summary>Somebody must act.</summary>
    internal void Error(string what, string text) => Write(3, "error", what, text);

    /// <summary>We coped, and this is how.</summary>
    internal void Warning(string what, string text) => Write(4, "warning", what, text);

    internal void Information(string what, string text) => Write(6, "info", what, text);

    internal string Line(int priority, string level, string what, string text)
    {
        var line = new StringBuilder();
        if (toJournal) line.Append(CultureInfo.InvariantCulture, $"<{priority}>");
        else line.Append(CultureInfo.InvariantCulture, $"time={time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} ");
        line.Append(CultureInfo.InvariantCulture, $"level={level} event={what} msg=\"");
        foreach (char c in text.Length > MaxTextLength ? text[..MaxTextLength] : text)
        {
            if (c is '"' or '\\') line.Append('\\').Append(c);
            else line.Append(char.IsControl(c) ? ' ' : c);
        }

        return line.Append("\"\n").ToString();
    }

    private void Write(int priority, string level, string what, string text) => StandardStreams.Write(2, Encoding.UTF8.GetBytes(Line(priority, level, what, text)));
}
