using System.CommandLine;
using System.Globalization;

namespace Twill.Cli;

/// <summary>A whole number within bounds, which its description tells.</summary>
internal sealed class NumberOption : Option<int>
{
    internal NumberOption(string name, string[] aliases, string description, int least, int most, int otherwise)
        : base(name, aliases)
    {
        Description = $"{description}, {least} to {most}";
        HelpName = "N";
        DefaultValueFactory = _ => otherwise;
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) return otherwise; // where the arity allows the bare option
            string word = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
            if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
            result.AddError($"{name} {word}: expected a number from {least} to {most}");
            return otherwise;
        };
    }
}
