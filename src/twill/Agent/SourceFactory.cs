using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Twill.Agent.Deploy;
using Twill.Agent.LoadBalancers;
using Twill.Agent.Registry;
using Twill.Agent.Services;
using Twill.Agent.Sources;
using Twill.Etcd;
using Twill.Fabric.Apply;
using Twill.Fabric.Ipam;
using Twill.Fabric.Model;
using Twill.Fabric.Services.Model;
using Twill.Kube;
using Twill.Linux.Route;

namespace Twill.Agent;

/// <summary>Opens the source that the settings name.</summary>
internal static class SourceFactory
{
    private const string MachineIdPath = "/etc/machine-id";

    /// <param name="told">Called for what people want to know: which block was claimed.</param>
    /// <exception cref="AgentException">A file is missing, or is not what it should be.</exception>
    internal static AgentSources Open(AgentSettings settings, TimeProvider time, Action<string> told)
    {
        switch (settings.Source)
        {
            case SourceChoice.Nodes file:
                return new AgentSources(new FileSource<ClusterNode>(file.Path, NodesFile.Parse, time), new FileSource<ServiceDescription>(file.Path, ServiceText.ParseFile, time), null, null, null);
            case SourceChoice.Etcd etcd:
                var members = new EtcdClient(EtcdOptionsOf(settings, etcd));
                return new AgentSources(new ClaimingSource(members, NetworkOf(settings), () => ClaimOf(settings), told), new EtcdServiceSource(members), new EtcdLeaseStore(members), new EtcdGrantStore(members), members);
            case SourceChoice.Kubernetes kubernetes:
                try
                {
                    KubeConfig config = kubernetes.ConfigPath is { } path ? KubeConfig.FromFile(path) : KubeConfig.Find();
                    var api = new KubeClient(config);
                    return new AgentSources(new KubeSource(api, time), new KubeServiceSource(api, time), new KubeLeaseStore(api, config.Namespace ?? Manifest.DefaultNamespace, time), new KubeGrantStore(api), api);
                }
                catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException)
                {
                    throw new AgentException(e.Message);
                }

            default:
                throw new InvalidOperationException($"{settings.Source} is no source");
        }
    }

    internal static EtcdOptions EtcdOptionsOf(AgentSettings settings, SourceChoice.Etcd etcd)
    {
        bool tls = settings.EtcdCa is not null || settings.EtcdCertificate is not null;
        if ((settings.EtcdCertificate is null) != (settings.EtcdKey is null)) throw new AgentException("--etcd-cert and --etcd-key belong together: give both, or none");
        return new EtcdOptions
        {
            Endpoints = [.. etcd.Members.Select(m => new Uri($"{(tls ? "https" : "http")}://{m}"))],
            Authorities = settings.EtcdCa is { } ca ? Load(ca, () => { var all = new X509Certificate2Collection(); all.ImportFromPemFile(ca); return all; }) : null,
            ClientCertificate = settings.EtcdCertificate is { } cert ? Load(cert, () => X509Certificate2.CreateFromPemFile(cert, settings.EtcdKey)) : null,
        };
    }

    /// <summary>This node as etcd shall know it, with the addresses that it has now.</summary>
    internal static NodeClaim ClaimOf(AgentSettings settings)
    {
        using RouteSocket socket = RouteSocket.Open();
        var unknown = new ClusterNode { Name = settings.Node, Addresses = [], PodBlocks = [] };
        Underlay underlay = UnderlayChoice.Choose(socket, unknown, settings.Device);
        List<IpPrefix> addresses = [];
        foreach (IpPrefix address in underlay.Addresses)
        {
            if (!addresses.Exists(a => a.IsV6 == address.IsV6)) addresses.Add(address);
        }

        if (addresses.Count == 0) throw new AgentException($"interface {underlay.Device} ({underlay.Why}) has no address by which other nodes could reach this one: give it one, or name another interface with --device");
        return new NodeClaim { Name = settings.Node, Id = MachineId(), Addresses = addresses, Required = settings.Blocks };
    }

    private static NetworkRecord? NetworkOf(AgentSettings settings)
        => settings.ClusterCidrs.Count == 0 ? null : NetworkRecord.Create([.. settings.ClusterCidrs.Select(c => BlockPool.Create(c, c.IsV6 ? settings.BlockLengthV6 : settings.BlockLength))]);

    private static string MachineId()
    {
        try
        {
            return File.ReadAllText(MachineIdPath).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static T Load<T>(string path, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new AgentException($"cannot use {path}: {e.Message}");
        }
    }
}
