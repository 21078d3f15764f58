using System.Text;
using Twill.Linux.Route;

namespace Twill.Topo;

/// <summary>Addresses in words.</summary>
internal static class AddressText
{
    /// <summary>Separated by blanks; "none" where there are none.</summary>
    internal static string Join(IReadOnlyList<IpPrefix> addresses)
    {
        var text = new StringBuilder();
        foreach (IpPrefix address in addresses) text.Append(text.Length == 0 ? "" : " ").Append(address);
        return text.Length == 0 ? "none" : text.ToString();
    }
}
