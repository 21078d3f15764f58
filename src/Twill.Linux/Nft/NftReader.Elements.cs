using System.Collections.Immutable;
using Twill.Linux.Netlink;
using Twill.Linux.Nft.Expressions;
using Twill.Linux.Uapi;
using static Twill.Linux.Uapi.NfTablesUapi;

namespace Twill.Linux.Nft;

internal static partial class NftReader
{
    /// <summary>An element as it stands in the message: of intervals one of its two ends.</summary>
    internal readonly record struct RawElement(NftElement Element, bool IsEnd);

    /// <summary>The elements of one message, added to <paramref name="into"/>.</summary>
    internal static void Elements(in NetlinkMessage message, List<RawElement> into, out string table, out string set)
    {
        table = set = "";
        AttributeReader attributes = message.Attributes<NfnetlinkUapi.NfGenMsg>();
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case NFTA_SET_ELEM_LIST_TABLE: table = attributes.String(); break;
                case NFTA_SET_ELEM_LIST_SET: set = attributes.String(); break;
                case NFTA_SET_ELEM_LIST_ELEMENTS:
                    AttributeReader list = attributes.Nested();
                    while (list.Next()) into.Add(Element(list.Nested()));
                    break;
            }
        }
    }

    /// <summary>Sorted by key; the two ends of each interval become one element.</summary>
    internal static ImmutableArray<NftElement> JoinRanges(List<RawElement> elements, bool intervals)
    {
        // At one key an end comes before the next start: [1,2) [2,3).
        elements.Sort(static (a, b) =>
        {
            int byKey = NftElement.Compare(a.Element.Key, b.Element.Key);
            return byKey != 0 ? byKey : b.IsEnd.CompareTo(a.IsEnd);
        });
        Span<byte> room = stackalloc byte[NFT_DATA_VALUE_MAXLEN];
        var joined = ImmutableArray.CreateBuilder<NftElement>(elements.Count);
        for (int i = 0; i < elements.Count; i++)
        {
            (NftElement element, bool isEnd) = elements[i];
            if (isEnd) continue; // nft puts a lone end at 0
            if (!intervals || element.CatchAll)
            {
                joined.Add(element);
                continue;
            }

            Span<byte> last = room[..Math.Min(element.Key.Length, room.Length)];
            if (i + 1 < elements.Count && elements[i + 1].IsEnd && elements[i + 1].Element.Key.Length == last.Length)
            {
                elements[i + 1].Element.Key.Span.CopyTo(last);
                NftElement.Decrement(last);
            }
            else
            {
                last.Fill(0xff);
            }

            var end = new NftBytes(last);
            joined.Add(end == element.Key ? element : element with { Last = end });
        }

        return joined.DrainToImmutable();
    }

    /// <summary>Whether a key comes twice in a sorted list.</summary>
    internal static bool HasTwins(ImmutableArray<NftElement> sorted)
    {
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key && sorted[i].CatchAll == sorted[i - 1].CatchAll) return true;
        }

        return false;
    }

    private static RawElement Element(AttributeReader element)
    {
        NftBytes key = default;
        NftBytes? last = null, data = null;
        NftVerdict? verdict = null;
        uint flags = 0;
        ulong timeoutMs = 0, expiresMs = 0;
        string? comment = null;
        (ulong, ulong)? counted = null;
        while (element.Next())
        {
            switch (element.Type)
            {
                case NFTA_SET_ELEM_KEY: key = NftData.Value(element); break;
                case NFTA_SET_ELEM_KEY_END: last = NftData.Value(element); break;
                case NFTA_SET_ELEM_FLAGS: flags = element.U32Be(); break;
                case NFTA_SET_ELEM_TIMEOUT: timeoutMs = element.U64Be(); break;
                case NFTA_SET_ELEM_EXPIRATION: expiresMs = element.U64Be(); break;
                case NFTA_SET_ELEM_USERDATA: comment = NftUserData.FindComment(element.Payload); break;
                case NFTA_SET_ELEM_EXPR:
                    if (NftExpressionReader.Read(element.Nested()) is NftCounter counter) counted = (counter.Packets, counter.Bytes);
                    break;
                case NFTA_SET_ELEM_DATA:
                    NftBytes value = NftData.Read(element, out verdict);
                    if (verdict is null) data = value;
                    break;
            }
        }

        return new RawElement(
            new NftElement(key)
            {
                Last = last == key ? null : last,
                Data = data,
                Verdict = verdict,
                TimeoutMs = timeoutMs,
                ExpiresMs = expiresMs,
                Comment = comment,
                Counted = counted,
                CatchAll = (flags & NFT_SET_ELEM_CATCHALL) != 0,
            },
            (flags & NFT_SET_ELEM_INTERVAL_END) != 0);
    }
}
