using Twill.Tests.Agent;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>deploy/twill.yaml, judged by kube-apiserver from the folder that TWILL_KUBE_ASSETS names.</summary>
public sealed class RealManifestTests(RealApiServer real) : IClassFixture<RealApiServer>
{
    private static readonly string[] s_paths =
    [
        "/api/v1/namespaces/kube-system/serviceaccounts", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "/apis/apps/v1/namespaces/kube-system/daemonsets",
    ];

    [Fact]
    public async Task Manifest_EveryObject_IsTakenByTheServerWithoutAWord()
    {
        if (RealApiServer.Missing is { } missing)
            Assert.Skip(missing);
        await using var use = await real.StartAsync();
        var parts = ManifestTests.Parts(ManifestTests.Default().Text).ToArray();
        Assert.Equal(s_paths.Length, parts.Length);
        for (var i = 0; i < parts.Length; i++)
            Assert.Equal("", await real.RefusalOfAsync(s_paths[i], parts[i]));

        // The server does look.
        Assert.Contains("unknown field \\\"spec.template.spec.hostNetwrok\\\"", await real.RefusalOfAsync(s_paths[3], parts[3].Replace("hostNetwork", "hostNetwrok", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
