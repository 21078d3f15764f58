using Twill.Linux.Route;

namespace Twill.Agent.Registry;

/// <summary>Where the registry's records stand in etcd. The version is part of the name: an incompatible layout gets another tree.</summary>
/// <param name="root">With a slash at its end; two clusters may share one etcd under different roots.</param>
internal sealed class RegistryKeys(string root = RegistryKeys.DefaultRoot)
{
    public const string DefaultRoot = "/twill/v1/";

    /// <summary>The pools: one record for the cluster.</summary>
    public string Network => $"{root}network";

    public string Nodes => $"{root}nodes/";

    public string Blocks => $"{root}blocks/";

    public string Addresses => $"{root}addresses/";

    public string Services => $"{root}services/";

    public string Service(string space, string name) => $"{Services}{space}/{name}";

    public string Node(string name) => Nodes + name;

    /// <summary>".../blocks/10.244.3.0-24": the slash would look like a folder.</summary>
    public string Block(IpPrefix block) => $"{Blocks}{block.Address}-{block.Length}";

    public string Address(IpAddress address) => $"{Addresses}{address}";

    /// <summary>Who announces a load-balancer address.</summary>
    public string LoadBalancer(IpAddress address) => $"{root}load-balancers/{address}";

    /// <summary>Null: not one of our blocks.</summary>
    public IpPrefix? BlockOf(string key)
    {
        if (!key.StartsWith(Blocks, StringComparison.Ordinal)) return null;
        int dash = key.LastIndexOf('-');
        return dash > Blocks.Length && IpPrefix.TryParse($"{key[Blocks.Length..dash]}/{key[(dash + 1)..]}", out IpPrefix block) ? block : null;
    }
}
