using System.CommandLine;
using Twill.Linux.Route;

namespace Twill.Cli;

/// <summary>Addresses with commas between them, as often as wanted.</summary>
internal sealed class AddressesOption : Option<IReadOnlyList<IpAddress>>
{
    internal AddressesOption(string name, string description)
        : base(name)
    {
        Description = $"{description}; may be repeated";
        HelpName = "ADDRESS,ADDRESS";
        Arity = ArgumentArity.ZeroOrMore;
        CustomParser = result =>
        {
            var addresses = new List<IpAddress>();
            foreach (string word in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)))
            {
                if (!IpAddress.TryParse(word, out IpAddress address)) result.AddError($"{name} {word}: expected an address, such as 10.96.0.10");
                else if (!addresses.Contains(address)) addresses.Add(address);
            }

            return addresses;
        };
    }
}
