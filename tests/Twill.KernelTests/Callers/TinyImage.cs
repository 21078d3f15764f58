using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Twill.KernelTests.Callers;

/// <summary>A container image from nothing but a static busybox, as `docker save` would write it: podman load, ctr image import.</summary>
internal static class TinyImage
{
    internal const string Name = "docker.io/library/tiny:latest";

    internal const string Busybox = "/bin/busybox";

    private static readonly string[] s_tools = ["sh", "ping", "sleep", "ip", "nc", "httpd", "wget"];

    internal static void Write(string path)
    {
        byte[] layer = Tar(tar =>
        {
            foreach (string directory in (string[])["bin", "etc", "tmp", "proc", "sys", "dev", "www"]) tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = (UnixFileMode)0b111_101_101 });
            Add(tar, "bin/busybox", File.ReadAllBytes(Busybox), executable: true);
            Add(tar, "www/index.html", "hello from the pod\n"u8.ToArray());
            foreach (string tool in s_tools) tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{tool}") { LinkName = "busybox" });
        });
        string digest = Convert.ToHexStringLower(SHA256.HashData(layer));
        File.WriteAllBytes(path, Tar(tar =>
        {
            Add(tar, "manifest.json", Encoding.UTF8.GetBytes($$"""[{"Config": "config.json", "RepoTags": ["{{Name}}"], "Layers": ["layer.tar"]}]"""));
            Add(tar, "config.json", Encoding.UTF8.GetBytes($$$"""{"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"]}, "rootfs": {"type": "layers", "diff_ids": ["sha256:{{{digest}}}"]}}"""));
            Add(tar, "layer.tar", layer);
        }));
    }

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true)) write(tar);
        return stream.ToArray();
    }

    private static void Add(TarWriter tar, string name, byte[] content, bool executable = false)
    {
        using var data = new MemoryStream(content);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = executable ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100 });
    }
}
