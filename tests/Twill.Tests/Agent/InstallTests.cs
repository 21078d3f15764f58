using System.Text;
using Twill.Agent.Install;
using Twill.Cni;
using Twill.Linux.Route;
using Xunit;

namespace Twill.Tests.Agent;

public sealed class InstallTests : IDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _directory = Directory.CreateTempSubdirectory("twill-install-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>What the agent writes is what the plugin understands, in each version it offers.</summary>
    [Fact]
    public void NodeConfiguration_IsReadByThePlugin()
    {
        var configuration = new NodeConfiguration { Bridge = "twill0", Blocks = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd00:10:244:1::/64")], Mtu = 1450 };
        NetworkConfigList list = NetworkConfigList.Parse(Encoding.UTF8.GetBytes(configuration.ToJson()));
        Assert.Equal("pods", list.Name);
        Assert.Single(list.Plugins);

        // Found with a real kubelet: containerd 1.6 passes this version on, and takes no result of a newer one.
        Assert.Contains("\"cniVersion\": \"0.4.0\"", configuration.ToJson(), StringComparison.Ordinal);
        Assert.Contains("\"1.1.0\"", configuration.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void SystemdUnit_QuotesWhatSystemdWouldRead()
    {
        string unit = SystemdUnit.Text("/opt/cni/bin/twill", ["--source", "etcd://a:2379,b:2379", "--node", "name with 100% $x"]);
        Assert.Contains("ExecStart=/opt/cni/bin/twill agent --source etcd://a:2379,b:2379 --node \"name with 100%% $$x\"\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void AtomicFile_SameContent_IsNotWrittenAgain()
    {
        string path = Path.Combine(_directory, "net.d", "05-twill.conflist");
        Assert.True(AtomicFile.Write(path, "{}", Readable));
        Assert.False(AtomicFile.Write(path, "{}", Readable));
        Assert.True(AtomicFile.Write(path, "{ }", Readable));
        Assert.Equal(["05-twill.conflist"], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
        Assert.Equal(Readable, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        Assert.True(AtomicFile.Write(path, "{ }", Readable));
    }

    [Fact]
    public void AtomicFile_WriterKilledBefore_ItsLeftOverGoes()
    {
        string path = Path.Combine(_directory, "05-twill.conflist");
        File.WriteAllText(Path.Combine(_directory, ".05-twill.conflist.999999999"), "half");
        File.WriteAllText(Path.Combine(_directory, ".05-twill.conflist.1"), "of a process that lives");
        AtomicFile.Write(path, "{}", Readable);
        Assert.Equal([".05-twill.conflist.1", "05-twill.conflist"], Directory.GetFileSystemEntries(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AtomicFile_Refused_LeavesTheOldOneAndNothingElse()
    {
        string path = Path.Combine(_directory, "file");
        Directory.CreateDirectory(path); // a rename onto a directory fails
        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, "x", Readable));
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory));
    }
}
