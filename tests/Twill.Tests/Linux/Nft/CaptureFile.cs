using System.Runtime.CompilerServices;

namespace Twill.Tests.Nftables;

/// <summary>
/// A file of Captures/: the nft commands that made it behind "# nft", the bytes that Debian's nft 1.0.6 sent for them behind "&gt;", and
/// what kernel 6.18 answered to `nft list ruleset` after them behind "&lt;". Made in an empty namespace by
/// strace -e trace=sendmsg -e write=all nft -f -, and strace -e trace=recvmsg -e read=all nft list ruleset.
/// </summary>
internal sealed class CaptureFile
{
    private CaptureFile(string[] commands, byte[] sent, byte[] dumped)
    {
        Commands = commands;
        Sent = sent;
        Dumped = dumped;
    }

    internal string[] Commands { get; }

    internal byte[] Sent { get; }

    internal byte[] Dumped { get; }

    internal static string[] Names([CallerFilePath] string here = "")
        => [.. Directory.GetFiles(Path.Combine(Path.GetDirectoryName(here)!, "Captures"), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    internal static CaptureFile Load(string name, [CallerFilePath] string here = "")
    {
        string[] lines = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(here)!, "Captures", $"{name}.txt"));
        byte[] Bytes(char direction) => Convert.FromHexString(string.Concat(lines.Where(l => l[0] == direction).Select(l => l[2..])));
        return new CaptureFile([.. lines.Where(l => l[0] == '#').Select(l => l["# nft ".Length..])], Bytes('>'), Bytes('<'));
    }
}
