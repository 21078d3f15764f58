using Twill.Linux.Conntrack;
using Twill.Linux.Route;

namespace Twill.Lab.Calls;

/// <summary>One connection.</summary>
/// <param name="Millis">Until it was accepted; null: it was not.</param>
/// <param name="Error">What the sender's kernel said then; null: nothing in time.</param>
/// <param name="Translator">The node that translated it; null: none did, or it is forgotten already.</param>
/// <param name="Flow">As that node tracks it.</param>
/// <param name="Endpoint">The pod that has the address it was translated to; null: nobody of the lab.</param>
internal sealed record CallResult(double? Millis, string? Error, string? Translator, ConntrackFlow? Flow, string? Endpoint);

/// <summary>The answer of `twill ping` to a service.</summary>
/// <param name="From">Name in the lab.</param>
/// <param name="To">As it was typed.</param>
internal sealed record CallReport(string From, string To, IpAddress Address, ushort Port, IReadOnlyList<CallResult> Results)
{
    internal int Back => Results.Count(r => r.Millis is not null);

    /// <summary>Why nothing can answer; null: no such reason is known.</summary>
    internal string? Hint { get; init; }
}
