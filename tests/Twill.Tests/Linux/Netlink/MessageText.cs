using System.Buffers.Binary;
using System.Text;
using Twill.Linux.Uapi;

namespace Twill.Tests.Linux;

/// <summary>A request as sorted lines, one per attribute with its path: equal for two requests that mean the same.</summary>
/// <remarks>Looked away from: the order of attributes, the nested flag (iproute2 sets it here and there), a string's closing NUL.</remarks>
internal static class MessageText
{
    internal static string Of(ReadOnlySpan<byte> message)
    {
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        int header = Header(type);
        var lines = new List<string>();
        Walk(type, "", message[(16 + header)..], lines);
        lines.Sort(StringComparer.Ordinal);
        byte[] fixedHeader = message.Slice(16, header).ToArray();
        if (type == RtnetlinkUapi.RTM_GETLINK) fixedHeader[0] = 0; // `ip` says AF_PACKET, which for links means nothing
        return $"type {type} flags {flags:x} header {Convert.ToHexStringLower(fixedHeader)}\n{string.Join('\n', lines)}\n";
    }

    private static void Walk(ushort type, string path, ReadOnlySpan<byte> run, List<string> lines)
    {
        while (run.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(run);
            string at = $"{path}.{BinaryPrimitives.ReadUInt16LittleEndian(run[2..]) & NetlinkUapi.NLA_TYPE_MASK}";
            ReadOnlySpan<byte> payload = run[4..length];
            if (Nested(type, at))
            {
                lines.Add($"{at} nest");
                Walk(type, at, payload, lines);
            }
            else if (at == ".18.2.1" && IsLink(type) && payload.Length > 16)
            {
                lines.Add($"{at} peer {Convert.ToHexStringLower(payload[..16])}");
                Walk(type, at, payload[16..], lines);
            }
            else
            {
                if (String(type, at)) payload = payload.TrimEnd((byte)0);
                lines.Add($"{at} {Convert.ToHexStringLower(payload)}{(String(type, at) ? $" {Encoding.UTF8.GetString(payload)}" : "")}");
            }

            int next = (length + 3) & ~3;
            run = next >= run.Length ? [] : run[next..];
        }
    }

    private static bool IsLink(ushort type) => type is RtnetlinkUapi.RTM_NEWLINK or RtnetlinkUapi.RTM_DELLINK or RtnetlinkUapi.RTM_GETLINK or RtnetlinkUapi.RTM_NEWLINKPROP or RtnetlinkUapi.RTM_DELLINKPROP;

    private static bool Nested(ushort type, string at) => type switch
    {
        _ when IsLink(type) => at is ".18" or ".18.2" or ".18.5" or ".26" or ".26.10" or ".52",
        RtnetlinkUapi.RTM_NEWROUTE => at == ".8",
        RtnetlinkUapi.RTM_NEWQDISC => at == ".2",
        RtnetlinkUapi.RTM_NEWTFILTER => at is ".2" or ".2.7" or ".2.7.1" or ".2.7.1.2" or ".2.2" or ".2.2.1" or ".2.2.1.2",
        _ => false,
    };

    private static bool String(ushort type, string at) => IsLink(type) && at is ".3" or ".18.1" or ".18.2.1.3" or ".52.53" or ".53" || type is RtnetlinkUapi.RTM_NEWQDISC or RtnetlinkUapi.RTM_NEWTFILTER && at is ".1" or ".2.7.1.1";

    private static int Header(ushort type) => type switch
    {
        RtnetlinkUapi.RTM_NEWADDR or RtnetlinkUapi.RTM_DELADDR or RtnetlinkUapi.RTM_GETADDR => 8,
        RtnetlinkUapi.RTM_NEWROUTE or RtnetlinkUapi.RTM_DELROUTE or RtnetlinkUapi.RTM_GETROUTE => 12,
        RtnetlinkUapi.RTM_NEWNEIGH or RtnetlinkUapi.RTM_DELNEIGH or RtnetlinkUapi.RTM_GETNEIGH => 12,
        RtnetlinkUapi.RTM_NEWRULE or RtnetlinkUapi.RTM_DELRULE or RtnetlinkUapi.RTM_GETRULE => 12,
        >= RtnetlinkUapi.RTM_NEWQDISC and <= RtnetlinkUapi.RTM_GETTFILTER => 20,
        >= RtnetlinkUapi.RTM_NEWNSID and <= RtnetlinkUapi.RTM_GETNSID => 4,
        _ => 16,
    };
}
