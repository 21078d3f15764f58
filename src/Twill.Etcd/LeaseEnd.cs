namespace Twill.Etcd;

/// <summary>How a lease was lost.</summary>
public enum LeaseEnd
{
    /// <summary>etcd says so: its keys are gone.</summary>
    Gone,

    /// <summary>No member answered for the lease's whole life: its keys may be gone.</summary>
    Unconfirmed,
}
