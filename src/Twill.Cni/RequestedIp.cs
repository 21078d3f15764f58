using System.Net;

namespace Twill.Cni;

/// <summary>An address somebody wishes for the pod. It is given or refused, never ignored.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">In bits, where the wish had one; null leaves it to the range.</param>
/// <remarks>Source: CONVENTIONS.md, capability "ips": "10.1.2.3/24", or without the prefix.</remarks>
public readonly record struct RequestedIp(IPAddress Address, int? PrefixLength)
{
    public static bool TryParse(ReadOnlySpan<char> text, out RequestedIp ip)
    {
        if (IpCidr.TryParse(text, out var cidr))
        {
            ip = new RequestedIp(cidr.Address, cidr.PrefixLength);
            return true;
        }

        var plain = IpCidr.TryParseAddress(text, out var address);
        ip = plain ? new RequestedIp(address!, null) : default;
        return plain;
    }

    public override string ToString() => PrefixLength is { } p ? $"{Address}/{p}" : $"{Address}";
}
