using System.CommandLine;

namespace Twill.Cli;

/// <summary>--ascii, understood by every command. Without it the locale decides.</summary>
internal sealed class AsciiOption : Option<bool>
{
    internal AsciiOption()
        : base("--ascii")
    {
        Description = "Draw with ASCII only, as where the locale is not UTF-8";
        Recursive = true;
    }
}
