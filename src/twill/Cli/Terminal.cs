using System.CommandLine;
using System.Globalization;
using System.Text;
using Twill.Lab;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>stdout is the answer, stderr is talk; what each of them can show.</summary>
internal static class Terminal
{
    private const int DefaultWidth = 100;

    private static string s_colour = ColourOption.Auto;
    private static bool s_ascii;

    internal static bool OutputIsTerminal => StandardStreams.IsTerminal(1);

    internal static bool ErrorIsTerminal => StandardStreams.IsTerminal(2) && !IsDumb;

    internal static Style Style => new(Colours, !s_ascii && IsUtf8);

    internal static int Width => int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns >= 40 ? columns : DefaultWidth;

    /// <summary>--color and --ascii, before the command runs.</summary>
    internal static void Choose(ParseResult result)
    {
        s_colour = result.GetValue<string>("--color") ?? ColourOption.Auto;
        s_ascii = result.GetValue<bool>("--ascii");
    }

    private static bool Colours => s_colour switch
    {
        ColourOption.Always => true,
        ColourOption.Never => false,
        _ => OutputIsTerminal && !IsDumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
    };

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") == "dumb";

    private static bool IsUtf8
    {
        get
        {
            if (IsDumb) return false;
            foreach (string name in (string[])["LC_ALL", "LC_CTYPE", "LANG"])
            {
                // The first that is set decides (man 7 locale).
                if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } locale) return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase);
            }

            return false;
        }
    }

    internal static void Answer(string text) => StandardStreams.Write(1, Encoding.UTF8.GetBytes(text));

    /// <returns>False: nobody reads any more.</returns>
    internal static bool TryAnswer(string text) => StandardStreams.Write(1, Encoding.UTF8.GetBytes(text));

    internal static void Say(string text) => StandardStreams.Write(2, Encoding.UTF8.GetBytes(text + "\n"));
}
