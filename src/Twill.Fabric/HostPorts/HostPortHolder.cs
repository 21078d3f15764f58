using System.Globalization;
using Twill.Linux.Route;

namespace Twill.Fabric.HostPorts;

/// <summary>Whose a host port is: the host end of a pair. It holds the port exactly as long as it exists.</summary>
/// <param name="Index">The kernel gives it to no other link of the namespace while the node runs; the maps do not outlive the node either.</param>
/// <param name="Name">Of the host end, for people, and against an index that was given again after 2^31 others.</param>
public readonly record struct HostPortHolder(IfIndex Index, string Name)
{
    /// <summary>The comment of each element: "17 twabcde0af40105".</summary>
    public string Comment => string.Create(CultureInfo.InvariantCulture, $"{Index.Value} {Name}");

    public static HostPortHolder? Parse(string? comment)
    {
        if (comment is null) return null;
        int space = comment.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && int.TryParse(comment.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index > 0
            ? new HostPortHolder(new IfIndex(index), comment[(space + 1)..])
            : null;
    }
}
