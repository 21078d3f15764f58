using Twill.KernelTests.Harness;
using Xunit;

namespace Twill.KernelTests.Callers;

/// <summary>The machine that runs the tests is afterwards as it was before, even if a test ends with containers running.</summary>
public sealed class PrivateHostTests
{
    public PrivateHostTests() => Requirement.Need("podman", "podman", "conmon", "runc", "nsenter", TinyImage.Busybox, Artifacts.Reference("portmap"), Artifacts.Reference("firewall"), Artifacts.Reference("tuning"));

    [Fact]
    public void Dispose_ContainersStillRun_MachineIsAsBefore()
    {
        string before = Look(), id;
        using (var machine = new PodmanTests.Machine())
        {
            machine.Start();
            id = machine.Create("left");
            Assert.NotEmpty(Groups(id));
            Assert.NotEmpty(machine.Host.Files("/var/lib/cni"));
        }

        Assert.Equal(before, Look());
        Assert.Empty(Groups(id));
        Assert.DoesNotContain(Directory.GetDirectories("/proc").Select(CommandLineOf), c => c.Contains(id, StringComparison.Ordinal));
    }

    /// <summary>Without network namespaces that are mounted somewhere: tests beside this one make and remove them.</summary>
    private static string Look() => string.Join('\n',
        string.Join(' ', ((string[])["/dev/shm", "/opt/cni/bin", "/etc/cni/net.d", "/etc/containers", "/var/lib/cni", "/var/lib/containers", "/var/lib/containerd", "/run/containers", "/run/libpod"]).SelectMany(d => Directory.Exists(d) ? Directory.GetFileSystemEntries(d).Order(StringComparer.Ordinal).Prepend($"{d}:") : [])),
        string.Join('\n', File.ReadAllLines("/proc/self/mountinfo").Where(l => !l.Contains(" net:[", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));

    private static string[] Groups(string id) => Directory.GetDirectories("/sys/fs/cgroup", $"*{id}*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true });

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
