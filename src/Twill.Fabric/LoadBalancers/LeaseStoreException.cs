namespace Twill.Fabric.LoadBalancers;

/// <summary>The place where nodes agree cannot be asked now.</summary>
public sealed class LeaseStoreException(string message, Exception inner) : Exception(message, inner);
