using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Twill.Etcd;
using Twill.KernelTests.Callers;
using Twill.KernelTests.Harness;
using Twill.Linux.Sys;

namespace Twill.KernelTests.Etcd;

/// <summary>Real etcd members on the loopback of a namespace of their own, with data in memory; stopped and removed with this object.</summary>
internal sealed class EtcdCluster : IDisposable
{
    private const int FirstPort = 2379, MaxLogBytes = 4000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static int s_count;

    private readonly string _directory = $"/dev/shm/twill-etcd-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
    private readonly HostNamespace _host = new();
    private readonly int?[] _processes;
    private readonly TestAuthority? _authority;

    /// <param name="members">1 or 3.</param>
    /// <param name="authority">Serve TLS with its certificates, and ask clients for one of its own.</param>
    public EtcdCluster(int members, TestAuthority? authority = null)
    {
        Requirement.Need("etcd", "etcd", "etcdctl");
        _authority = authority;
        _processes = new int?[members];
        Endpoints = [.. Enumerable.Range(0, members).Select(i => new Uri($"{(authority is null ? "http" : "https")}://127.0.0.1:{FirstPort + (10 * i)}"))];
        Directory.CreateDirectory(_directory);
        authority?.Write(_directory);
        for (int i = 0; i < members; i++) Start(i);
        foreach (Uri endpoint in Endpoints) WaitUntilServing(endpoint);
    }

    public IReadOnlyList<Uri> Endpoints { get; }

    /// <summary>Quick to notice a dead member: these tests have few seconds.</summary>
    public EtcdOptions Options => new()
    {
        Endpoints = Endpoints,
        OpenSocket = OpenSocket,
        AttemptTimeout = TimeSpan.FromSeconds(2),
        CallTimeout = TimeSpan.FromSeconds(20),
        PingInterval = TimeSpan.FromSeconds(1),
        PingTimeout = TimeSpan.FromSeconds(1),
        MaxPause = TimeSpan.FromMilliseconds(400),
        Authorities = _authority is null ? null : new X509Certificate2Collection(_authority.Certificate),
        ClientCertificate = _authority?.Client,
    };

    public EtcdClient Client() => new(Options);

    public void Signal(int member, string signal) => Command.Run("/bin/sh", "-c", $"kill -{signal} {_processes[member]}").Succeeded();

    public void Kill(int member)
    {
        if (_processes[member] is not { } process) return;
        _processes[member] = null;
        Command.Run("/bin/sh", "-c", $"kill -9 {process}").Succeeded();
        ChildProcess.Wait(process);
    }

    /// <summary>Starts a member, or starts it again with its data.</summary>
    public void Start(int member)
    {
        string scheme = Endpoints[member].Scheme, client = Endpoints[member].GetLeftPart(UriPartial.Authority);
        string peers = string.Join(',', Enumerable.Range(0, _processes.Length).Select(i => $"m{i}=http://127.0.0.1:{Peer(i)}"));
        string tls = scheme == "https" ? $" --cert-file={_directory}/server.pem --key-file={_directory}/server.key --trusted-ca-file={_directory}/ca.pem --client-cert-auth" : "";
        string words = $"exec etcd --name m{member} --data-dir {_directory}/m{member} --listen-client-urls {client},{client.Replace("127.0.0.1", "[::1]", StringComparison.Ordinal)} --advertise-client-urls {client}"
            + $" --listen-peer-urls http://127.0.0.1:{Peer(member)} --initial-advertise-peer-urls http://127.0.0.1:{Peer(member)} --initial-cluster {peers}"
            + $" --heartbeat-interval 50 --election-timeout 500 --grpc-keepalive-min-time 500ms --experimental-watch-progress-notify-interval 500ms{tls}"
            + $" >>{_directory}/m{member}.log 2>&1 </dev/null";
        string shell = $"ulimit -n 4096; {words}";
        _processes[member] = _host.Network.Run(() => ChildProcess.Start("/bin/sh", ["-c", shell], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "GOMAXPROCS=2"]));
    }

    /// <summary>Runs a script beside the members, whatever becomes of it.</summary>
    public void Shell(string script, string input = "") => _host.Exec("/bin/sh", ["-c", script], input);

    /// <summary>Like: etcdctl ARGUMENTS, at one member.</summary>
    public string Ctl(int member, params string[] arguments)
    {
        string[] tls = _authority is null ? [] : [$"--cacert={_directory}/ca.pem", $"--cert={_directory}/client.pem", $"--key={_directory}/client.key"];
        return _host.Exec("/usr/bin/env", ["ETCDCTL_API=3", "etcdctl", $"--endpoints={Endpoints[member].GetLeftPart(UriPartial.Authority)}", .. tls, .. arguments]).Succeeded();
    }

    /// <summary>Keeps a copy of the store. Like: etcdctl snapshot save.</summary>
    public void Backup(int member) => Ctl(member, "snapshot", "save", $"{_directory}/backup.db");

    /// <summary>Sets a killed member of a cluster of one back to the copy, under its old name.</summary>
    public void Restore(int member)
    {
        Directory.Delete($"{_directory}/m{member}", recursive: true);
        Ctl(member, "snapshot", "restore", $"{_directory}/backup.db", "--name", $"m{member}", "--data-dir", $"{_directory}/m{member}", "--initial-cluster", $"m{member}=http://127.0.0.1:{Peer(member)}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{Peer(member)}");
    }

    /// <summary>Which member leads, by asking the others.</summary>
    public int Leader(EtcdClient client)
    {
        MemberStatus[] all = [.. Endpoints.Select(e => client.ReadStatusAsync(e).GetAwaiter().GetResult())];
        return Array.FindIndex(all, s => s.Header.MemberId == s.Leader);
    }

    public void WaitUntilServing(Uri endpoint)
    {
        using var client = new EtcdClient(Options with { Endpoints = [endpoint], CallTimeout = TimeSpan.FromSeconds(2) });
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                client.RangeAsync(new EtcdOperation.Range(KeyRange.Of("ready")) { CountOnly = true }).GetAwaiter().GetResult();
                return;
            }
            catch (EtcdException e) when (e.IsTransient && TimeProvider.System.GetElapsedTime(start) < s_patience)
            {
            }
            catch (EtcdException e)
            {
                throw new InvalidOperationException($"{endpoint} does not serve: {Logs()}", e);
            }
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < _processes.Length; i++) Kill(i);
        _host.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Peer(int member) => (FirstPort + (10 * member) + 1).ToString(CultureInfo.InvariantCulture);

    private string Logs() => string.Join('\n', Directory.GetFiles(_directory, "*.log").Select(f => File.ReadAllText(f)).Select(t => t.Length > MaxLogBytes ? t[^MaxLogBytes..] : t));

    private Socket OpenSocket(AddressFamily family)
    {
        Descriptor descriptor = _host.Network.OpenSocket(family == AddressFamily.InterNetworkV6 ? 10 : 2, 1, 6);
        // The socket owns the descriptor from here on.
        return new Socket(new SafeSocketHandle(descriptor.Number, ownsHandle: true));
    }
}
