using System.Runtime.CompilerServices;

namespace Twill.Tests.Etcd;

/// <summary>What etcdctl said for a command and what a member answered; Twill.KernelTests' CaptureTests makes the files and compares them.</summary>
internal sealed record EtcdCapture(string Name, string Command, IReadOnlyList<byte[]> Sent, IReadOnlyList<byte[]> Received)
{
    internal static IEnumerable<EtcdCapture> All => Directory.GetFiles(Folder(), "*.txt").Select(f => Load(Path.GetFileNameWithoutExtension(f))).OrderBy(c => c.Name, StringComparer.Ordinal);

    internal static EtcdCapture Load(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), $"{name}.txt"));
        byte[][] Of(char direction) => [.. lines.Where(l => l[0] == direction).Select(l => Convert.FromHexString(l[2..]))];
        return new EtcdCapture(name, lines[0][2..], Of('>'), Of('<'));
    }

    private static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Captures");
}
