namespace Twill.Cli;

/// <summary>--color, understood by every command. auto: on a terminal that is not dumb, unless NO_COLOR is set (no-color.org).</summary>
internal sealed class ColourOption : ChoiceOption
{
    internal const string Auto = "auto", Always = "always", Never = "never";

    internal ColourOption()
        : base("--color", [], "Colours: auto (on a terminal), always or never", Auto, Always, Never)
    {
        HelpName = "WHEN";
        Recursive = true;
    }
}
