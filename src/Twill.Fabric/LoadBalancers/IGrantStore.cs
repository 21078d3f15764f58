using Twill.Fabric.Services.Model;
using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Writes down which addresses a service has, where services come from: every node hears of it in the way it hears of services.</summary>
public interface IGrantStore
{
    /// <param name="service">As it was seen.</param>
    /// <param name="addresses">All that it has from now on.</param>
    /// <returns>False: it is gone, or somebody changed it meanwhile; what is there will be heard of.</returns>
    /// <exception cref="LeaseStoreException">Not reached, or refused.</exception>
    Task<bool> TryGrantAsync(ServiceDescription service, IReadOnlyList<IpAddress> addresses, CancellationToken cancel);
}
