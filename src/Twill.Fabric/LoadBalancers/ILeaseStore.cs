using Twill.Linux.Route;

namespace Twill.Fabric.LoadBalancers;

/// <summary>Where nodes agree who announces an address. Of two writers from one version only one wins; that is all that is asked of it.</summary>
public interface ILeaseStore
{
    /// <returns>Null: nobody has written it yet.</returns>
    /// <exception cref="LeaseStoreException">Not reached, or refused.</exception>
    Task<LeaseRecord?> ReadAsync(IpAddress address, CancellationToken cancel);

    /// <summary>Writes a holder, if the record is still the one that was seen.</summary>
    /// <param name="seen">Null: only if there is none.</param>
    /// <returns>The record as written; null: somebody else wrote since, and nothing happened.</returns>
    /// <exception cref="LeaseStoreException">Not reached, or refused; whether it was written is then not known.</exception>
    Task<LeaseRecord?> TryWriteAsync(IpAddress address, string holder, LeaseRecord? seen, CancellationToken cancel);
}
