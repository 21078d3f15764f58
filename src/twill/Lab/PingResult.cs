using Twill.Linux.Route;

namespace Twill.Lab;

/// <summary>What became of one way.</summary>
/// <param name="RttMs">Round trip, milliseconds; null: no answer.</param>
/// <param name="SeenAs">The source address with which the request arrived at the far side; null: it did not.</param>
/// <param name="ShouldBe">The source address with which it must arrive.</param>
/// <param name="Error">Why it could not be sent, if so.</param>
internal sealed record PingResult(PingEndpoint From, PingEndpoint To, double? RttMs, IpAddress? SeenAs, IpAddress ShouldBe, string? Error)
{
    internal bool Reached => RttMs is not null;

    /// <summary>It arrived under an address that it must not have.</summary>
    internal bool WrongSource => SeenAs is { } seen && seen != ShouldBe;

    internal bool Ok => Reached && !WrongSource;
}
