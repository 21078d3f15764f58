using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Services.Compile;

/// <summary>A service's part of the table. No element of one service is another's.</summary>
public sealed class CompiledService
{
    internal CompiledService(ServiceDescription description, IReadOnlyList<ServiceFrontend> frontends, IReadOnlyList<FrontendKey> denied, IReadOnlyList<IpAddress> addresses, IReadOnlyList<ServiceElement> ranges, IReadOnlyList<IpAddress> local)
    {
        Description = description;
        Frontends = frontends;
        Denied = denied;
        Addresses = addresses;
        Ranges = ranges;
        Local = local;
    }

    public ServiceDescription Description { get; }

    public IReadOnlyList<ServiceFrontend> Frontends { get; }

    /// <summary>Asked for, but another service had them first.</summary>
    public IReadOnlyList<FrontendKey> Denied { get; }

    /// <summary>Cluster addresses whose other ports are refused.</summary>
    internal IReadOnlyList<IpAddress> Addresses { get; }

    internal IReadOnlyList<ServiceElement> Ranges { get; }

    /// <summary>Its endpoints on this node. Another service may have the same, so their elements are the plan's.</summary>
    internal IReadOnlyList<IpAddress> Local { get; }

    public IEnumerable<ServiceElement> Elements()
    {
        foreach (ServiceFrontend frontend in Frontends)
        {
            foreach (ServiceElement element in frontend.Elements()) yield return element;
        }

        foreach (ServiceElement range in Ranges) yield return range;
        foreach (IpAddress address in Addresses) yield return new(ServiceTable.Sets(address.IsV6).Addresses, NftElement.Of(address));
    }
}
