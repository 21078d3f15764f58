using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Twill.Tests.Linux;

/// <summary>What a command of iproute2 sent and what the kernel answered. Captures/capture.sh makes the files.</summary>
internal sealed record Capture(string Name, string Command, List<byte[]> Sent, List<byte[]> Received)
{
    internal static IEnumerable<string> Names => Directory.GetFiles(Folder(), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>The command itself: look-ups of names, if any, come before it.</summary>
    internal byte[] Request => Sent[^1];

    /// <summary>Single messages of all answers.</summary>
    internal IEnumerable<byte[]> Messages => Received.SelectMany(Split);

    internal static Capture Load(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), name + ".txt"));
        List<byte[]> Of(char direction) => [.. lines.Where(l => l[0] == direction).Select(l => Convert.FromHexString(l.AsSpan(2)))];
        return new Capture(name, lines[0][2..], Of('>'), Of('<'));
    }

    private static IEnumerable<byte[]> Split(byte[] datagram)
    {
        for (int at = 0; at + 16 <= datagram.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(datagram.AsSpan(at));
            yield return datagram[at..(at + length)];
            at += (length + 3) & ~3;
        }
    }

    private static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "..", "Captures");
}
