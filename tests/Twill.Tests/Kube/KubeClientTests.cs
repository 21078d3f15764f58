using System.Net;
using System.Net.Sockets;
using Twill.Kube;
using Twill.Tests.Kube.Server;
using Xunit;

namespace Twill.Tests.Kube;

/// <summary>One request at a time: pages, compression, credentials, and what an error says.</summary>
public sealed class KubeClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twill-kube-").FullName;
    private readonly FakeApi _api = new();

    public KubeClientTests()
    {
        for (var i = 0; i < 23; i++)
            InformerTests.Put(_api, i, 0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task List_InPages_IsOneMomentAndKeepsTheFields()
    {
        await using var server = new FakeApiServer(_api);
        using var client = InformerTests.Client(server, 1, pageSize: 5);
        var list = await client.ListAsync(KubeNode.Resource);
        Assert.Equal(5, server.Requests.Count);
        Assert.Equal((_api.Version, 23), (list.Version, list.Items.Count));
        var node = list.Items[7].Value;
        Assert.Equal(("node-0007", "0000-7", "node-0007", "a", "r1"), (node.Name, node.Uid, node.Hostname, node.Zone, node.Region));
        Assert.Equal(["10.0.7.0/24", "fd00:7::/64"], node.PodCidrs);
        Assert.Equal(["192.168.0.7", "fd01::7"], node.InternalIps);
        Assert.Equal(["203.0.113.7"], node.ExternalIps);
        Assert.False(node.IsDeleting || node.IsUnschedulable);
    }

    [Fact]
    public async Task List_AtAnyPageSize_IsTheSame()
    {
        await using var server = new FakeApiServer(_api);
        foreach (var size in (int[])[1, 22, 23, 24, 500])
        {
            using var client = InformerTests.Client(server, 1, size);
            Assert.Equal(_api.Objects.Keys, (await client.ListAsync(KubeNode.Resource)).Items.Select(i => i.Key));
        }
    }

    [Fact]
    public async Task Watch_AfterAList_BringsEachChangeWithItsVersion()
    {
        await using var server = new FakeApiServer(_api) { BookmarkEvery = 2 };
        using var client = InformerTests.Client(server, 1);
        var version = _api.Version;
        InformerTests.Put(_api, 1, 0, zone: "z");
        _api.Delete(InformerTests.Name(2));
        InformerTests.Put(_api, 99, 0);
        var seen = new List<(KubeEventType Type, string Key, ulong Version)>();
        await foreach (var change in client.WatchAsync(KubeNode.Resource, version, TestContext.Current.CancellationToken))
        {
            seen.Add((change.Type, change.Key, change.Version));
            if (seen.Count == 4)
                break;
        }

        Assert.Equal([(KubeEventType.Modified, "node-0001", version + 1), (KubeEventType.Deleted, "node-0002", version + 2), (KubeEventType.Bookmark, "", version + 2), (KubeEventType.Added, "node-0099", version + 3)], seen);
    }

    [Fact]
    public async Task Refusal_OfEachKind_SaysVerbResourceNumberWordsAndWhatToDo()
    {
        await using var server = new FakeApiServer(_api);
        using var client = InformerTests.Client(server, 1);
        var forbidden = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource with { Plural = "nodez" }));
        Assert.Equal(KubeFault.Forbidden, forbidden.Fault);
        Assert.Equal($"cannot list nodez at http://127.0.0.1:{server.Port}: 403 Forbidden \"nodez is forbidden: User \"u\" cannot list it\"; a role must allow it: apiGroups [\"\"], resources [\"nodez\"], verbs [\"list\"]", forbidden.Message);
        server.Faults = new FaultPlan(0, [], [], 1);
        foreach (var (fault, expected) in new[] { (Fault.Busy, KubeFault.Busy), (Fault.ServerError, KubeFault.Refused), (Fault.Cut, KubeFault.Unreachable), (Fault.Truncate, KubeFault.Unreachable) })
        {
            // When a connection of its pool is cut the handler itself tries others.
            for (var i = 0; i < 8; i++)
                server.Faults.Next.Enqueue(fault);
            var e = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource));
            server.Faults.Next.Clear();
            Assert.Equal((fault, expected), (fault, e.Fault));
            Assert.StartsWith($"cannot list nodes at http://127.0.0.1:{server.Port}", e.Message);
            Assert.True(fault != Fault.Busy || (e.RetryAfter == TimeSpan.Zero && e.Reason == "TooManyRequests"));
            Assert.True(fault != Fault.ServerError || e.Message.Contains("500 InternalError \"etcdserver: leader changed\"", StringComparison.Ordinal));
        }

        await server.GoAwayAsync();
        var away = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource));
        Assert.Equal($"cannot list nodes at http://127.0.0.1:{server.Port}: Connection refused; is the API server running, and can this node reach it?", away.Message);
    }

    [Fact]
    public async Task Token_Rotated_IsReadAgainWithoutAFailedCall()
    {
        var file = Path.Combine(_folder, "token");
        File.WriteAllText(file, "one");
        await using var server = new FakeApiServer(_api) { Token = "one" };
        using var client = new KubeClient(new KubeConfig { Server = server.Address, Origin = file, TokenFile = file });
        Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
        server.Token = "two";
        var e = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource));
        Assert.Equal(KubeFault.Unauthorized, e.Fault);
        Assert.Contains($"the credentials of {file} are not accepted", e.Message);
        Assert.DoesNotContain("Bearer", e.Message);
        File.WriteAllText(file, "two");
        Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
        // Replaced on both sides while ours is not yet old: the refusal is answered by reading the file.
        (server.Token, var before) = ("three", server.Requests.Count);
        File.WriteAllText(file, "three");
        Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
        Assert.Equal(before + 2, server.Requests.Count);
    }

    [Fact]
    public async Task Tls_OwnAuthorityAndClientCertificate_AreUsedAndReplacedOnDisk()
    {
        using var authority = new TestCertificates();
        using var other = new TestCertificates("another authority");
        using var mine = authority.Issue("agent");
        using var serving = authority.Issue("kube-apiserver");
        using var servingLater = other.Issue("kube-apiserver");
        Write("ca.crt", authority.AuthorityPem);
        Write("agent.crt", mine.ExportCertificatePem());
        Write("agent.key", TestCertificates.KeyPem(mine));
        await using var server = new FakeApiServer(_api, serving, authority.Authority);
        var config = new KubeConfig
        {
            Server = server.Address,
            Origin = "test",
            CaFile = Path.Combine(_folder, "ca.crt"),
            ClientCertificateFile = Path.Combine(_folder, "agent.crt"),
            ClientKeyFile = Path.Combine(_folder, "agent.key"),
        };
        using (var client = new KubeClient(config))
        {
            Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
            await using var second = new FakeApiServer(_api, servingLater);
            using var moved = new KubeClient(Copy(config, second.Address));
            var e = await Assert.ThrowsAsync<KubeException>(() => moved.ListAsync(KubeNode.Resource));
            Assert.Equal(KubeFault.Tls, e.Fault);
            Assert.Contains("no trust: ", e.Message);
            // The cluster's authority was replaced, and the kubelet has brought the new one.
            Write("ca.crt", other.AuthorityPem);
            Assert.Equal(23, (await moved.ListAsync(KubeNode.Resource)).Items.Count);
        }

        Write("ca.crt", authority.AuthorityPem);
        using var stranger = other.Issue("agent");
        Write("agent.crt", stranger.ExportCertificatePem());
        Write("agent.key", TestCertificates.KeyPem(stranger));
        using var refused = new KubeClient(config);
        var no = await Assert.ThrowsAsync<KubeException>(() => refused.ListAsync(KubeNode.Resource));
        Assert.True(no.Fault is KubeFault.Tls or KubeFault.Unreachable, no.Message);
    }

    [Fact]
    public async Task Tls_ServerNameOfTheKubeconfig_IsTheOneChecked()
    {
        using var authority = new TestCertificates();
        using var serving = authority.Issue("kube-apiserver", "kubernetes.default", ip: false);
        await using var server = new FakeApiServer(_api, serving);
        var pem = System.Text.Encoding.UTF8.GetBytes(authority.AuthorityPem);
        using (var client = new KubeClient(new KubeConfig { Server = server.Address, CaData = pem }))
            Assert.Equal(KubeFault.Tls, (await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource))).Fault);
        using (var client = new KubeClient(new KubeConfig { Server = server.Address, CaData = pem, TlsServerName = "kubernetes.default" }))
            Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
        using (var client = new KubeClient(new KubeConfig { Server = server.Address, InsecureSkipTlsVerify = true }))
            Assert.Equal(23, (await client.ListAsync(KubeNode.Resource)).Items.Count);
    }

    [Fact]
    public void Certificates_Unusable_AreNamed()
    {
        Write("ca.crt", "no certificate\n");
        var e = Assert.Throws<KubeConfigException>(() => new KubeClient(new KubeConfig { Server = new Uri("https://127.0.0.1"), CaFile = Path.Combine(_folder, "ca.crt") }));
        Assert.Equal($"cannot use {_folder}/ca.crt: there is no certificate (BEGIN CERTIFICATE) in it", e.Message);
        using var authority = new TestCertificates();
        using var one = authority.Issue("one");
        using var two = authority.Issue("two");
        e = Assert.Throws<KubeConfigException>(() => new KubeClient(new KubeConfig
        {
            Server = new Uri("https://127.0.0.1"),
            Origin = "/x/config",
            ClientCertificateData = System.Text.Encoding.UTF8.GetBytes(one.ExportCertificatePem()),
            ClientKeyData = System.Text.Encoding.UTF8.GetBytes(TestCertificates.KeyPem(two)),
        }));
        Assert.StartsWith("cannot use client-certificate-data of /x/config with its key: ", e.Message);
    }

    [Fact]
    public async Task Answer_NeverComing_EndsAtItsBound()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new KubeClient(new KubeConfig { Server = new Uri($"http://{listener.LocalEndPoint}") }, new KubeClientOptions { RequestTimeout = TimeSpan.FromMilliseconds(150) });
        var e = await Assert.ThrowsAsync<KubeException>(() => client.ListAsync(KubeNode.Resource));
        Assert.Equal((KubeFault.Timeout, true), (e.Fault, e.Message.EndsWith("no answer within 0.15 s", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Watch_ServerForgetsToEnd_IsEndedByUs()
    {
        await using var server = new FakeApiServer(_api);
        // The server is asked for at least one second, and would keep it; we give up 50 ms after the time that we asked for.
        using var client = new KubeClient(new KubeConfig { Server = server.Address }, new KubeClientOptions { WatchTime = TimeSpan.FromMilliseconds(50), WatchGrace = TimeSpan.FromMilliseconds(50) });
        var e = await Assert.ThrowsAsync<KubeException>(async () =>
        {
            await foreach (var _ in client.WatchAsync(KubeNode.Resource, _api.Version))
            {
            }
        });
        Assert.Equal(KubeFault.Timeout, e.Fault);
    }

    [Fact]
    public async Task Connection_Silent_IsAskedByTheKernelAndDroppedWithinThirtySeconds()
    {
        await using var server = new FakeApiServer(_api);
        await using var stream = (NetworkStream)await KubeTransport.ConnectAsync(new DnsEndPoint("127.0.0.1", server.Port), new KubeClientOptions(), TestContext.Current.CancellationToken);
        var socket = stream.Socket;
        int Tcp(SocketOptionName option) => (int)socket.GetSocketOption(SocketOptionLevel.Tcp, option)!;
        Assert.Equal(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        var seconds = Tcp(SocketOptionName.TcpKeepAliveTime) + (Tcp(SocketOptionName.TcpKeepAliveInterval) * Tcp(SocketOptionName.TcpKeepAliveRetryCount));
        Assert.InRange(seconds, 1, 30);
        // TCP_USER_TIMEOUT: what was sent and is not acknowledged.
        var userTimeout = new byte[4];
        socket.GetRawSocketOption(6, 18, userTimeout);
        Assert.Equal(seconds * 1000, BitConverter.ToInt32(userTimeout));
        Assert.Equal(AddressFamily.InterNetwork, socket.AddressFamily);
    }

    private static KubeConfig Copy(KubeConfig from, Uri server) => new()
    {
        Server = server,
        Origin = from.Origin,
        CaFile = from.CaFile,
        ClientCertificateFile = from.ClientCertificateFile,
        ClientKeyFile = from.ClientKeyFile,
    };

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
