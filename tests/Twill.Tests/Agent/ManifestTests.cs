using System.Net;
using System.Text;
using Twill.Agent;
using Twill.Agent.Deploy;
using Twill.Kube.Yaml;
using Twill.Linux.Route;
using Twill.Tests.Lab;
using Xunit;

namespace Twill.Tests.Agent;

/// <summary>What `twill manifest` prints: the file in deploy is it, it stays short, and every key is one that Kubernetes knows.</summary>
public sealed class ManifestTests
{
    private const int MaxLines = 150;

    private static readonly string s_file = Path.GetFullPath(Path.Combine(Golden.Directory(), "../../../deploy/twill.yaml"));

    /// <summary>Of Kubernetes 1.36, as far as we use it: a kind's keys, each with its own; "*" is any key, "[]" an element. The real server's word on it is RealManifestTests.</summary>
    private static readonly Dictionary<string, string[]> s_known = new()
    {
        ["ServiceAccount"] = ["apiVersion", "kind", "metadata.name", "metadata.namespace"],
        ["ClusterRole"] = ["apiVersion", "kind", "metadata.name", "rules[].apiGroups[]", "rules[].resources[]", "rules[].verbs[]"],
        ["Role"] = ["apiVersion", "kind", "metadata.name", "metadata.namespace", "rules[].apiGroups[]", "rules[].resources[]", "rules[].verbs[]"],
        ["RoleBinding"] = ["apiVersion", "kind", "metadata.name", "metadata.namespace", "roleRef.apiGroup", "roleRef.kind", "roleRef.name", "subjects[].kind", "subjects[].name", "subjects[].namespace"],
        ["ClusterRoleBinding"] = ["apiVersion", "kind", "metadata.name", "roleRef.apiGroup", "roleRef.kind", "roleRef.name", "subjects[].kind", "subjects[].name", "subjects[].namespace"],
        ["DaemonSet"] =
        [
            "apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.labels.*", "spec.selector.matchLabels.*", "spec.updateStrategy.rollingUpdate.maxUnavailable", "spec.template.metadata.labels.*",
            .. ((string[])["serviceAccountName", "hostNetwork", "priorityClassName", "terminationGracePeriodSeconds", "nodeSelector.*", "tolerations[].operator", "volumes[].name", "volumes[].hostPath.path", "volumes[].hostPath.type"]).Select(k => $"spec.template.spec.{k}"),
            .. ((string[])["initContainers", "containers"]).SelectMany(c => ((string[])
            [
                "name", "image", "command[]", "securityContext.readOnlyRootFilesystem", "securityContext.allowPrivilegeEscalation", "securityContext.capabilities.drop[]", "securityContext.capabilities.add[]", "env[].name", "env[].value",
                "env[].valueFrom.fieldRef.fieldPath", "volumeMounts[].name", "volumeMounts[].mountPath", "resources.requests.*", "resources.limits.*",
                .. ((string[])["livenessProbe", "readinessProbe"]).SelectMany(p => ((string[])["httpGet.host", "httpGet.port", "httpGet.path", "periodSeconds", "failureThreshold"]).Select(k => $"{p}.{k}")),
            ]).Select(k => $"spec.template.spec.{c}[].{k}")),
        ],
    };

    [Fact]
    public void Text_WithoutOptions_IsTheFileInDeploy()
    {
        string text = Default().Text;
        Golden.Check(s_file, text);
        Assert.InRange(text.Split('\n').Length, 2, MaxLines);
    }

    [Fact]
    public void Text_EveryKey_IsKnownToKubernetes()
    {
        Manifest full = Default() with
        {
            Settings = Default().Settings with { Backend = "vxlan", Device = "eth1", ClusterCidrs = [IpPrefix.Parse("10.244.0.0/16")], Masquerade = false, Listen = new IPEndPoint(IPAddress.IPv6Loopback, 1) },
            ApiServer = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 6443),
        };
        Assert.Empty(Unknown(Default().Text));
        Assert.Empty(Unknown(full.Text));
        Assert.Contains("        - \"10.244.0.0/16\"\n", full.Text, StringComparison.Ordinal);
        Assert.Contains("httpGet: {host: \"::1\", port: 1, path: /healthz}", full.Text, StringComparison.Ordinal);

        // A word that Kubernetes does not know is found.
        Assert.Equal(["DaemonSet spec.template.spec.hostNetwrok"], Unknown(full.Text.Replace("hostNetwork", "hostNetwrok", StringComparison.Ordinal)));
    }

    /// <summary>Reading is all: nothing in the cluster can be changed by an agent that somebody took over.</summary>
    [Fact]
    public void Role_IsReadOnly()
    {
        YamlNode role = Documents(Default().Text).Single(d => d.Find("kind")!.String() == "ClusterRole");
        Assert.All(role.Find("rules")!.Items(), rule => Assert.Empty(rule.Find("verbs")!.Items().Select(v => v.String()).Except(["get", "list", "watch"])));
    }

    /// <summary>Leases, of one namespace, and only where addresses are announced.</summary>
    [Fact]
    public void Role_ForLeases_IsThereWithAPool()
    {
        Assert.DoesNotContain("leases", Default().Text, StringComparison.Ordinal);
        string text = (Default() with { Settings = Default().Settings with { LoadBalancerPools = [IpPrefix.Parse("192.0.2.0/28")] } }).Text;
        Assert.Equal(["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "DaemonSet"], Documents(text).Select(d => d.Find("kind")!.String()));
        Assert.Empty(Unknown(text));
        YamlNode role = Documents(text).Single(d => d.Find("kind")!.String() == "Role"), rule = Assert.Single(role.Find("rules")!.Items());
        Assert.Equal("kube-system", role.Find("metadata")!.Find("namespace")!.String());
        Assert.Equal(["leases"], rule.Find("resources")!.Items().Select(v => v.String()));
        Assert.Equal(["get", "create", "patch"], rule.Find("verbs")!.Items().Select(v => v.String()));
    }

    internal static Manifest Default() => new(new AgentSettings { Node = "", Source = new SourceChoice.Kubernetes(null) }, Manifest.DefaultImage, Manifest.DefaultNamespace, null);

    internal static IEnumerable<string> Parts(string text) => text.Split("\n---\n");

    private static IEnumerable<YamlNode> Documents(string text) => Parts(text).Select(part => YamlReader.Read(Encoding.UTF8.GetBytes(part), "twill.yaml"));

    private static List<string> Unknown(string text)
    {
        List<string> unknown = [];
        foreach (YamlNode document in Documents(text))
        {
            string kind = document.Find("kind")!.String();
            foreach (string path in Leaves(document, "").Distinct())
            {
                if (!s_known[kind].Any(k => k == path || (k.EndsWith(".*", StringComparison.Ordinal) && path.StartsWith(k[..^1], StringComparison.Ordinal)))) unknown.Add($"{kind} {path}");
            }
        }

        return unknown;
    }

    private static IEnumerable<string> Leaves(YamlNode node, string path) => node.Kind switch
    {
        YamlKind.Map => node.Entries().SelectMany(e => Leaves(e.Value, path.Length == 0 ? e.Key : $"{path}.{e.Key}")),
        YamlKind.List => node.Items().SelectMany(i => Leaves(i, $"{path}[]")),
        _ => [path],
    };
}
