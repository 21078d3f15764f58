using System.Reflection;
using Xunit;

namespace Twill.Tests;

/// <summary>The arrows of ARCHITECTURE.md, read from the compiled assemblies: the doors use no project of ours.</summary>
public sealed class ArrowTests
{
    [Theory]
    [InlineData("Twill.Linux", "")]
    [InlineData("Twill.Kube", "")]
    [InlineData("Twill.Cni", "")]
    [InlineData("Twill.Etcd", "")]
    [InlineData("Twill.Fabric", "Twill.Linux")]
    [InlineData("Twill.Plugin", "Twill.Cni Twill.Fabric Twill.Linux")]
    [InlineData("twill", "Twill.Cni Twill.Etcd Twill.Fabric Twill.Kube Twill.Linux Twill.Plugin")]
    public void Assembly_References_OnlyWhatItsRoomMayUse(string assembly, string allowed)
    {
        var names = Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name ?? "").Where(n => n.StartsWith("Twill", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(names.Except(allowed.Split(' '), StringComparer.Ordinal));
    }
}
