using System.CommandLine;
using Twill.Linux.Route;

namespace Twill.Cli;

/// <summary>Addresses with prefix lengths, as often as wanted. Bits behind the prefix are an error, as they are mostly a slip.</summary>
internal sealed class PrefixesOption : Option<IReadOnlyList<IpPrefix>>
{
    internal PrefixesOption(string name, string description)
        : base(name)
    {
        Description = $"{description}; may be repeated";
        HelpName = "CIDR";
        Arity = ArgumentArity.ZeroOrMore;
        CustomParser = result =>
        {
            var prefixes = new List<IpPrefix>();
            foreach (var token in result.Tokens)
            {
                if (!IpPrefix.TryParse(token.Value, out IpPrefix prefix)) result.AddError($"{name} {token.Value}: expected an address with a prefix length, such as 10.244.0.0/16");
                else if (prefix != prefix.Network) result.AddError($"{name} {token.Value}: bits behind the prefix are set; did you mean {prefix.Network}?");
                else prefixes.Add(prefix);
            }

            return prefixes;
        };
    }
}
