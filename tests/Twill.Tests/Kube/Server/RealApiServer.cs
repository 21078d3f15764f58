using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Twill.Kube;
using Twill.Linux.Sys;

namespace Twill.Tests.Kube.Server;

/// <summary>A real kube-apiserver with an etcd of its own, on loopback ports, in a folder that goes with it. Started once for a class.</summary>
public sealed class RealApiServer : IDisposable
{
    private const string AdminToken = "admins-token";
    private const string AgentToken = "agents-token";
    private static readonly TimeSpan s_startTime = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("twill-kube-real-").FullName;
    private readonly TestCertificates _authority = new();
    private readonly List<int> _processes = [];
    private string[] _apiArguments = [];
    private HttpClient? _admin;
    private int _port;

    /// <summary>What to do so that these tests can run; null where they can.</summary>
    internal static string? Missing => Assets is null ? "TWILL_KUBE_ASSETS is not set: name a folder with kube-apiserver and etcd"
        : Binary("kube-apiserver") is null ? $"{Assets} has no kube-apiserver"
        : Binary("etcd") is null ? $"neither {Assets} nor /usr/bin has etcd"
        : null;

    private static string? Assets => Environment.GetEnvironmentVariable("TWILL_KUBE_ASSETS") is { Length: > 0 } folder ? folder : null;

    public void Dispose()
    {
        _admin?.Dispose();
        while (_processes.Count > 0)
            KillLast();

        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts both, waits until they are ready, and gives the agent its role.</summary>
    internal async Task<IContractServer> StartAsync()
    {
        if (_admin is null)
            await StartBothAsync();
        return new Use(this);
    }

    private async Task RestartAsync()
    {
        KillLast();
        Start("kube-apiserver", _apiArguments);
        await ReadyAsync();
    }

    private void KillLast()
    {
        var pid = _processes[^1];
        _processes.RemoveAt(_processes.Count - 1);
        ChildProcess.Run("/bin/kill", ["-KILL", $"{pid}"], [], default);
        ChildProcess.Wait(pid);
    }

    private async Task StartBothAsync()
    {
        var ports = FreePorts(3);
        _port = ports[0];
        using var serving = _authority.Issue("kube-apiserver");
        using var key = RSA.Create(2048);
        Write("serving.crt", serving.ExportCertificatePem());
        Write("serving.key", TestCertificates.KeyPem(serving));
        Write("ca.crt", _authority.AuthorityPem);
        Write("account.key", key.ExportPkcs8PrivateKeyPem());
        Write("account.pub", key.ExportSubjectPublicKeyInfoPem());
        Write("tokens.csv", $"{AdminToken},admin,1,system:masters\n{AgentToken},twill-agent,2\n");
        var etcd = $"http://127.0.0.1:{ports[1]}";
        Start("etcd", "--data-dir", Path.Combine(_folder, "etcd"), "--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", $"http://127.0.0.1:{ports[2]}");
        _apiArguments = ["--etcd-servers", etcd, "--bind-address", "127.0.0.1", "--secure-port", $"{_port}", "--tls-cert-file", At("serving.crt"), "--tls-private-key-file", At("serving.key"),
            "--client-ca-file", At("ca.crt"), "--token-auth-file", At("tokens.csv"), "--authorization-mode", "RBAC", "--anonymous-auth=false", "--service-cluster-ip-range", "10.96.0.0/16",
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", At("account.pub"), "--service-account-signing-key-file", At("account.key"), "--disable-admission-plugins", "ServiceAccount"];
        Start("kube-apiserver", _apiArguments);
        var handler = new SocketsHttpHandler();
        var hash = serving.GetCertHashString();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == hash;
        _admin = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_port}"), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", AdminToken) } };
        await ReadyAsync();
        await SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterroles", JsonNode.Parse("""
            {"metadata":{"name":"twill-agent"},"rules":[
            {"apiGroups":[""],"resources":["nodes"],"verbs":["get","list","watch"]},
            {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["get","create","patch"]}]}
            """));
        await SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", JsonNode.Parse("""
            {"metadata":{"name":"twill-agent"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"twill-agent"}],
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"twill-agent"}}
            """));
        // Until the role has reached the authorizer.
        using var agent = new KubeClient(Config(AgentToken));
        using var patience = new CancellationTokenSource(s_startTime);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await agent.ListAsync(KubeNode.Resource, patience.Token);
                await agent.GetAsync(KubeLease.Resource("default"), "default", "none", patience.Token);
                return;
            }
            catch (KubeException e) when (e.Fault == KubeFault.Forbidden)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    /// <summary>Has the server judge an object of a manifest as `kubectl apply --dry-run=server --validate=strict` does; nothing is kept.</summary>
    /// <returns>What it says against it; empty: nothing.</returns>
    internal async Task<string> RefusalOfAsync(string path, string yaml)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{path}?dryRun=All&fieldValidation=Strict", UriKind.Relative)) { Content = new StringContent(yaml, Encoding.UTF8, "application/yaml") };
        using var answer = await _admin!.SendAsync(request);
        return answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync();
    }

    private static string? Binary(string name) => new[] { Path.Combine(Assets!, name), $"/usr/bin/{name}" }.FirstOrDefault(File.Exists);

    private static int[] FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        foreach (var socket in sockets)
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var ports = sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port).ToArray();
        foreach (var socket in sockets)
            socket.Dispose();
        return ports;
    }

    private KubeConfig Config(string token) => new() { Server = new Uri($"https://127.0.0.1:{_port}"), Origin = "test", User = "twill-agent", CaFile = At("ca.crt"), Token = token };

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private void Start(string name, params string[] arguments) =>
        _processes.Add(ChildProcess.Start("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", At(name + ".log"), Binary(name)!, .. arguments], ["PATH=/usr/bin:/bin", $"HOME={_folder}"]));

    private async Task ReadyAsync()
    {
        using var patience = new CancellationTokenSource(s_startTime);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                using var answer = await _admin!.GetAsync(new Uri("/readyz", UriKind.Relative), patience.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
            }

            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new InvalidOperationException($"kube-apiserver is not ready after {s_startTime.TotalSeconds} s; its last words:\n{string.Join('\n', File.ReadLines(At("kube-apiserver.log")).TakeLast(12))}", e);
            }
        }
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode tolerated = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        using var answer = await _admin!.SendAsync(request);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != tolerated)
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer.StatusCode;
    }

    /// <summary>One test's use of it.</summary>
    private sealed class Use(RealApiServer real) : IContractServer
    {
        public KubeConfig Config => real.Config(AgentToken);

        public KubeConfig ConfigWithToken(string token) => real.Config(token);

        public async Task PutAsync(int index, string zone)
        {
            var name = NodeJson.Name(index);
            var node = JsonNode.Parse(NodeJson.Of(name, 0, index, zone: zone))!.AsObject();
            var status = new JsonObject { ["status"] = new JsonObject { ["addresses"] = node["status"]!["addresses"]!.DeepClone() } };
            node.Remove("status");
            node["metadata"] = new JsonObject { ["name"] = name, ["labels"] = node["metadata"]!["labels"]!.DeepClone() };
            if (await real.SendAsync(HttpMethod.Patch, $"/api/v1/nodes/{name}", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["topology.kubernetes.io/zone"] = zone } } }, HttpStatusCode.NotFound) == HttpStatusCode.NotFound)
            {
                await real.SendAsync(HttpMethod.Post, "/api/v1/nodes", node);
                await real.SendAsync(HttpMethod.Patch, $"/api/v1/nodes/{name}/status", status);
            }
        }

        public async Task DeleteAsync(int index) => await real.SendAsync(HttpMethod.Delete, $"/api/v1/nodes/{NodeJson.Name(index)}", null, HttpStatusCode.NotFound);

        /// <summary>Started anew its cache begins with what is there now.</summary>
        public Task ForgetAsync() => real.RestartAsync();

        /// <summary>Between two tests: the nodes go, the server stays.</summary>
        public async ValueTask DisposeAsync() => await real.SendAsync(HttpMethod.Delete, "/api/v1/nodes", null);
    }
}
