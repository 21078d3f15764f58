using System.Globalization;
using Twill.Linux.Route;

namespace Twill.Lab.Calls;

/// <summary>Whom a connection is made to, as somebody typed it.</summary>
/// <param name="Name">Of a service; or of somebody in the lab, or an address.</param>
/// <param name="Port">0: the service's own.</param>
internal sealed record CallTarget(string Name, ushort Port, bool IsService)
{
    private const string Head = "svc/";

    /// <summary>"svc/web:80", "node1:30080", "[fd00::1]:80".</summary>
    internal string Word => $"{(IsService ? Head : "")}{(Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : Name)}{(Port == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{Port}"))}";

    /// <returns>Null: a name or an address alone.</returns>
    internal static CallTarget? TryParse(string word)
    {
        bool service = word.StartsWith(Head, StringComparison.Ordinal);
        string rest = service ? word[Head.Length..] : word;
        int colon = rest.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0)
        {
            string name = rest[..colon];
            if (name is ['[', .., ']']) return IpAddress.TryParse(name.AsSpan(1, name.Length - 2), out IpAddress address) && !service ? new CallTarget(address.ToString(), port, false) : null;
            if (!name.Contains(':', StringComparison.Ordinal)) return new CallTarget(name, port, service);
        }

        return service && rest.Length > 0 ? new CallTarget(rest, 0, true) : null;
    }
}
