using Twill.Fabric.LoadBalancers;
using Twill.Fabric.Services.Model;
using Twill.Kube;
using Twill.Linux.Route;

namespace Twill.Agent.LoadBalancers;

/// <summary>A service's addresses are its status.loadBalancer.ingress, as those of any provider of load balancers.</summary>
/// <param name="client">Stays the caller's.</param>
internal sealed class KubeGrantStore(KubeClient client) : IGrantStore
{
    public async Task<bool> TryGrantAsync(ServiceDescription service, IReadOnlyList<IpAddress> addresses, CancellationToken cancel)
    {
        try
        {
            await client.SetIngressAsync(service.Namespace, service.Name, [.. addresses.Select(a => a.ToString())], cancel).ConfigureAwait(false);
            return true;
        }
        catch (KubeException e) when (e.Fault is KubeFault.NotFound or KubeFault.Conflict)
        {
            return false;
        }
        catch (KubeException e)
        {
            throw new LeaseStoreException(e.Message, e);
        }
    }
}
