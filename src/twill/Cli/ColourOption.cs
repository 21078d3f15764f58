namespace Twill.Cli;

/// <summary>--color, understood by every command. auto: on a terminal that is not dumb, unless NO_COLOR is set (no-color.org).</summary>
internal sealed class ColourOption : ChoiceOption
{
    internal const string Auto = "auto", Always = "always", Never = "never";

    internal ColourOption()
        : base("--color", [], "Colours: on a terminal, always or never; NO_COLOR and TERM=dumb are heeded", Auto, Always, Never) => Recursive = true;
}
