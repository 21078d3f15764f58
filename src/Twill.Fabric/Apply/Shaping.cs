using Twill.Fabric.Model;
using Twill.Fabric.Plan;
using Twill.Linux.Route;

namespace Twill.Fabric.Apply;

internal static class Shaping
{
    internal static void Apply(RouteSocket host, PodPlan plan, IfIndex hostEnd, Bandwidth bandwidth) => throw new FabricException(FabricFault.Configuration, "bandwidth");

    internal static void Check(RouteSocket host, Link hostEnd, Bandwidth bandwidth)
    {
    }
}
