using Twill.Cli;
using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Route;

namespace Twill.Trace;

/// <summary>One of the two ends that were asked for.</summary>
/// <param name="Word">As it was typed.</param>
/// <param name="Space">Null: nobody of the lab has the address.</param>
/// <param name="Address">Null: it has none of this family.</param>
internal sealed record Endpoint(string Word, NamespaceState? Space, IpAddress? Address)
{
    /// <summary>"blue (node1) 10.244.1.2".</summary>
    internal string Text => $"{Space?.Name ?? Word}{(Space is { Kind: LabKind.Pod } pod ? $" ({pod.Node})" : "")}{(Address is { } address && address.ToString() != (Space?.Name ?? Word) ? $" {address}" : "")}";

    /// <param name="word">A name of the lab, an IP address, or "internet".</param>
    /// <exception cref="LabException">Not found: neither a name nor an address.</exception>
    internal static Endpoint Find(LabState state, string word, bool v6)
    {
        if (IpAddress.TryParse(word, out IpAddress address)) return new Endpoint(word, state.Namespaces.FirstOrDefault(n => n.Has(address)), address);
        return state.Find(word) is { } space ? new Endpoint(word, space, AddressOf(space, v6)) : throw NotFound(word, [.. state.Namespaces.Select(n => n.Name)]);
    }

    internal static LabException NotFound(string word, IReadOnlyList<string> names)
    {
        string[] some = [.. names.Reverse().Take(12)];
        string hint = Typo.Nearest(word, names) is { } near ? $"did you mean \"{near}\"?" : $"it has {string.Join(", ", some)}{(names.Count > some.Length ? $" and {names.Count - some.Length} more" : "")}";
        return new LabException(ExitCode.NotFound, $"the lab has no pod or node {word}; {hint}");
    }

    /// <summary>By which others know it.</summary>
    private static IpAddress? AddressOf(NamespaceState space, bool v6)
    {
        string device = space.Kind switch { LabKind.Internet => "lo", LabKind.Router => LabAddresses.Lan, LabKind.Node => LabAddresses.Uplink, _ => LabAddresses.PodInterface };
        foreach (AddressState own in space.Addresses.Where(a => a.Device != "lo" || space.Kind == LabKind.Internet).OrderByDescending(a => a.Device == device))
        {
            if (own.Address.IsV6 == v6 && own.Address.ToString() is not ("127.0.0.1/8" or "::1/128")) return own.Address.Address;
        }

        return null;
    }
}
