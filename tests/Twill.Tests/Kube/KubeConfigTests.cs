using System.Text;
using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>kubeconfig files and the pod's service account.</summary>
public sealed class KubeConfigTests : IDisposable
{
    private const string Base = """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - name: here
          context: {cluster: c1, user: u1, namespace: web}
        - name: there
          context: {cluster: c2, user: u2}
        clusters:
        - name: c1
          cluster: {server: "https://192.168.1.10:6443", certificate-authority: pki/ca.crt}
        - name: c2
          cluster: {server: "https://[fd00::10]:6443/prefix/", insecure-skip-tls-verify: true, tls-server-name: kubernetes}
        users:
        - name: u1
          user: {client-certificate-data: QQ==, client-key: /keys/k}
        - name: u2
          user: {token: abc.def, tokenFile: token}

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("twill-kube-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_ContextsClustersUsers_AreFollowed()
    {
        var here = KubeConfig.Parse(Encoding.UTF8.GetBytes(Base), "/etc/x/config");
        Assert.Equal(("https://192.168.1.10:6443/", "web", "u1"), (here.Server.ToString(), here.Namespace, here.User));
        Assert.Equal(("/etc/x/pki/ca.crt", "/keys/k", (byte)'A'), (here.CaFile, here.ClientKeyFile, Assert.Single(here.ClientCertificateData!.Value.ToArray())));
        var there = KubeConfig.Parse(Encoding.UTF8.GetBytes(Base), "/etc/x/config", "there");
        Assert.Equal(("https://[fd00::10]:6443/prefix/", true, "kubernetes"), (there.Server.ToString(), there.InsecureSkipTlsVerify, there.TlsServerName));
        Assert.Equal(("abc.def", "/etc/x/token"), (there.Token, there.TokenFile));
        Assert.DoesNotContain("abc.def", there.ToString());
    }

    [Theory]
    [InlineData("server: \"https://192.168.1.10:6443\"", "server: 192.168.1.10", "line 11, column 21: clusters[0].cluster.server \"192.168.1.10\": expected a URL such as https://192.168.1.10:6443")]
    [InlineData("current-context: here", "current-context: her", "line 1, column 1: {...}: contexts has no \"her\"; it has: \"here\", \"there\"")]
    [InlineData("current-context: here", "current-context: \"\"", "current-context is not set; name one of the contexts: \"here\", \"there\"")]
    [InlineData("client-certificate-data: QQ==", "client-certificate-data: Q", "users[0].user.client-certificate-data: expected base64")]
    [InlineData("client-certificate-data: QQ==, ", "", "users[0].user: client-certificate and client-key must be there together")]
    [InlineData("client-certificate-data: QQ==", "exec: {command: aws}, client-certificate-data: QQ==", "users[0].user.exec {...}: a credential plugin is a program, and none is run here; use a token, a tokenFile or a client certificate")]
    [InlineData("client-certificate-data: QQ==", "auth-provider: {name: oidc}", "auth providers were removed")]
    [InlineData("client-certificate-data: QQ==", "password: hunter2", "users[0].user.password: name and password were removed")]
    [InlineData("client-certificate-data: QQ==", "as: root", "speaking as another user is not done here")]
    [InlineData("client-certificate-data: QQ==", "tokn: hunter2", "users[0].user.tokn: unknown key \"tokn\"")]
    [InlineData("certificate-authority: pki/ca.crt", "proxy-url: http://p:1", "a proxy is not used here")]
    [InlineData("certificate-authority: pki/ca.crt", "certificate-autority: x", "clusters[0].cluster.certificate-autority \"x\": unknown key; known here: server,")]
    [InlineData("certificate-authority: pki/ca.crt", "certificate-authority: a, insecure-skip-tls-verify: true", "contradict each other")]
    [InlineData("client-certificate-data: QQ==, client-key: /keys/k", "token: \"hunter 2\"", "cannot use the token in /x/config: it has a space")]
    [InlineData("client-certificate-data: QQ==, client-key: /keys/k", "token: &t hunter2", "line 16, column 17: an anchor (&) is not read here")]
    [InlineData("https://192.168.1.10:6443\", certificate-authority: pki/ca.crt", "http://192.168.1.10:8080\"", null)]
    public void File_WhatCannotBeUsed_IsRefusedByItsNameAndWithoutSecrets(string part, string instead, string? message)
    {
        var text = Base.Replace(part, instead);
        Assert.NotEqual(Base, text);
        if (message is null)
        {
            KubeConfig.Parse(Encoding.UTF8.GetBytes(text), "/x/config");
            text = text.Replace("client-certificate-data: QQ==, client-key: /keys/k", "token: hunter2");
            message = "is reached without TLS, and a token is configured";
        }

        var e = Assert.Throws<KubeConfigException>(() => KubeConfig.Parse(Encoding.UTF8.GetBytes(text), "/x/config"));
        Assert.Contains(message, e.Message);
        Assert.Contains("/x/config", e.Message);
        Assert.DoesNotContain("hunter", e.Message);
    }

    [Fact]
    public void File_Damaged_IsAConfigOrAKubeConfigException()
    {
        var seed = Encoding.UTF8.GetBytes(Base);
        var random = new Random(11);
        var (good, bad) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seed.ToList();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                var at = random.Next(bytes.Count);
                if (random.Next(2) == 0)
                    bytes[at] = (byte)random.Next(256);
                else if (random.Next(2) == 0)
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                else
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count / 2), random.Next(12)));
            }

            try
            {
                KubeConfig.Parse(bytes.ToArray(), "/x/config", random.Next(2) == 0 ? "there" : null);
                good++;
            }
            catch (KubeConfigException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                bad++;
            }
        }

        Assert.True(good > 500 && bad > 500, $"{good} good, {bad} bad");
    }

    [Theory]
    [InlineData("10.96.0.1", "443", "https://10.96.0.1/")]
    [InlineData("fd00::1", "6443", "https://[fd00::1]:6443/")]
    [InlineData("kubernetes.default.svc", null, "https://kubernetes.default.svc/")]
    public void InCluster_VariablesAndFiles_MakeTheServer(string host, string? port, string server)
    {
        WriteAccount();
        var config = KubeConfig.InCluster(n => n == "KUBERNETES_SERVICE_HOST" ? host : port, _folder);
        Assert.Equal((server, "kube-system", Path.Combine(_folder, "token")), (config.Server.ToString(), config.Namespace, config.TokenFile));
    }

    [Fact]
    public void InCluster_SomethingMissing_IsNamed()
    {
        Assert.Contains("KUBERNETES_SERVICE_HOST is not set", Assert.Throws<KubeConfigException>(() => KubeConfig.InCluster(_ => null, _folder)).Message);
        Assert.Contains("KUBERNETES_SERVICE_PORT=0 is not a port", Assert.Throws<KubeConfigException>(() => KubeConfig.InCluster(n => n.EndsWith("HOST", StringComparison.Ordinal) ? "10.0.0.1" : "0", _folder)).Message);
        Assert.Contains($"{_folder}/token is missing", Assert.Throws<KubeConfigException>(() => KubeConfig.InCluster(n => n.EndsWith("HOST", StringComparison.Ordinal) ? "10.0.0.1" : "443", _folder)).Message);
    }

    [Fact]
    public void Find_NothingSet_SaysWhatWasLookedFor()
    {
        Assert.Contains("neither KUBECONFIG nor KUBERNETES_SERVICE_HOST is set", Assert.Throws<KubeConfigException>(() => KubeConfig.Find(_ => null)).Message);
        Assert.Contains("it names several files", Assert.Throws<KubeConfigException>(() => KubeConfig.Find(_ => "/a:/b")).Message);
        Assert.Contains("cannot read /nowhere/config", Assert.Throws<KubeConfigException>(() => KubeConfig.Find(_ => "/nowhere/config")).Message);
    }

    [Fact]
    public void Token_FileReplaced_IsReadAgainAfterItsAgeOrARefusalAndOldOneServesWhileItIsGone()
    {
        WriteAccount();
        var time = new StandingTime();
        var config = KubeConfig.InCluster(n => n.EndsWith("HOST", StringComparison.Ordinal) ? "10.0.0.1" : "443", _folder);
        var source = new TokenSource(config, time);
        Assert.Equal("one", source.Current());
        File.WriteAllText(Path.Combine(_folder, "token"), "two\n");
        Assert.Equal("one", source.Current());
        time.Pass(TokenSource.MaxAge);
        Assert.Equal("two", source.Current());
        File.WriteAllText(Path.Combine(_folder, "token"), "three");
        Assert.True(source.Refused("two"));
        Assert.Equal("three", source.Current());
        Assert.False(source.Refused("three"));
        File.Delete(Path.Combine(_folder, "token"));
        time.Pass(TokenSource.MaxAge);
        Assert.Equal("three", source.Current());
        File.WriteAllText(Path.Combine(_folder, "token"), "");
        Assert.Contains("it has 0 characters", Assert.Throws<KubeConfigException>(() => new TokenSource(config, time).Current()).Message);
    }

    private void WriteAccount()
    {
        File.WriteAllText(Path.Combine(_folder, "token"), "one\n");
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), "");
        File.WriteAllText(Path.Combine(_folder, "namespace"), "kube-system");
    }
}
