using System.Text;
using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Etcd;

/// <summary>What etcdctl and a member say to each other is what the captures of the codec's tests have: TWILL_UPDATE_GOLDEN=1 makes them.</summary>
public sealed class CaptureTests
{
    /// <summary>One after the other, against one fresh member: revisions and ids are the same each time. (Not so `endpoint status`: sizes on disk.)</summary>
    private static readonly (string Name, string Command, string Input)[] s_script =
    [
        ("put", "put /a/1 one", ""),
        ("put-again", "put --prev-kv /a/1 two", ""),
        ("put-second", "put /a/2 x", ""),
        ("range", "get /a/ --prefix", ""),
        ("range-limit", "get /a/ --prefix --limit 1 --keys-only", ""),
        ("range-old", "get /a/1 --rev 2 --consistency s", ""),
        ("txn", "txn", "mod(\"/a/1\") = \"3\"\ncreate(\"/a/3\") = \"0\"\nvalue(\"/a/2\") = \"x\"\n\nput /a/3 new\nget /a/1\ndel /a/2\n\nget /a/3\n\n"),
        ("txn-fails", "txn", "version(\"/a/3\") > \"1\"\n\nput /a/4 never\n\nget /a/3\n\n"),
        ("delete", "del --prev-kv /a/3", ""),
        ("watch", "watch --rev 2 --prev-kv --prefix /a/ -- sh -c \"kill $PPID\"", ""),
        ("compaction", "compaction 4", ""),
        ("watch-compacted", "watch --rev 2 /a/1", ""),
        ("lease-none", "lease timetolive 1234 --keys", ""),
        ("members", "member list", ""),
    ];

    /// <summary>A watch's end (cancel_request, empty), which etcdctl sometimes gets out before it ends itself.</summary>
    private static readonly byte[] s_goodbye = [0x12, 0x00];

    [Fact]
    public async Task Etcdctl_AndAMember_SayWhatTheCapturesHave()
    {
        using var etcd = new EtcdCluster(1);
        using var proxy = new RecordingProxy(etcd.Options.OpenSocket!, etcd.Endpoints[0].Port);
        string folder = Path.Combine(Artifacts.Root, "tests", "Twill.Tests", "Etcd", "Captures");
        foreach ((string name, string command, string input) in s_script)
        {
            string script = $"ETCDCTL_API=3 exec etcdctl --endpoints 127.0.0.1:{RecordingProxy.Port} {command.Replace("$PPID", "\\$PPID", StringComparison.Ordinal)}";
            (IReadOnlyList<byte[]> sent, IReadOnlyList<byte[]> received) = await proxy.RecordAsync(() => etcd.Shell(script, input)).WaitAsync(TimeSpan.FromSeconds(30));
            var text = new StringBuilder($"# etcdctl {command}\n");
            foreach (byte[] message in sent.Where(m => !m.AsSpan().SequenceEqual(s_goodbye))) text.Append($"> {Convert.ToHexStringLower(message)}\n");
            foreach (byte[] message in received) text.Append($"< {Convert.ToHexStringLower(message)}\n");
            string file = Path.Combine(folder, $"{name}.txt");
            if (Environment.GetEnvironmentVariable("TWILL_UPDATE_GOLDEN") == "1")
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(file, text.ToString());
            }

            Assert.Equal(await File.ReadAllTextAsync(file), text.ToString());
        }
    }
}
