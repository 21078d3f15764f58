using Twill.Fabric.Model;
using Twill.Linux.Nft;
using Twill.Linux.Route;

namespace Twill.Fabric.Plan;

public sealed partial record NodePlan
{
    private void TableDifference(NodeState state, List<NodeStep> steps, List<NodeStep> late)
    {
        if (Table is null)
        {
            if (state.Table is not null) late.Add(new NodeStep.RemoveTable());
            return;
        }

        if (state.Table is not { Intact: true } there)
        {
            steps.Add(new NodeStep.BuildTable(Table));
            return;
        }

        foreach (NodeSet set in Table.Sets)
        {
            var present = new HashSet<(IpAddress, IpAddress)>(there.Elements.GetValueOrDefault(set.Set.Name) ?? new HashSet<(IpAddress, IpAddress)>());
            List<NftElement> added = [], removed = [];
            foreach (IpPrefix prefix in set.Elements)
            {
                if (!present.Remove((prefix.First, prefix.Last))) added.Add(set.ToElement(prefix));
            }

            foreach ((IpAddress first, IpAddress last) in present) removed.Add(set.Set.Interval ? NftElement.Range(NftBytes.Of(first), NftBytes.Of(last)) : NftElement.Of(first));
            if (added.Count + removed.Count > 0) steps.Add(new NodeStep.ChangeSet(set.Set, added, removed));
        }
    }

    /// <returns>Whether the device is a new one, with nothing on it.</returns>
    private bool LinkDifference(NodeState state, List<NodeStep> steps, List<NodeStep> late)
    {
        if (Vxlan is null)
        {
            if (state.Vxlan is { } left) late.Insert(0, new NodeStep.RemoveLink(left.Name));
            return false;
        }

        bool fresh = state.Vxlan is not { } there || !Vxlan.HasShapeOf(there);
        if (fresh)
        {
            if (state.Vxlan is not null) steps.Insert(0, new NodeStep.RemoveLink(Vxlan.Name)); // before its guard changes
            steps.Add(new NodeStep.AddVxlan(Vxlan));
        }

        if (state.Vxlan != Vxlan) steps.Add(new NodeStep.RaiseVxlan(Vxlan));
        return fresh;
    }

    private void TunnelDifference(NodeState state, List<NodeStep> steps, List<NodeStep> late)
    {
        string device = Vxlan!.Name;
        foreach (IpPrefix address in OverlayAddresses)
        {
            if (!state.OverlayAddresses.Contains(address)) steps.Add(new NodeStep.AddAddress(address, device));
        }

        foreach (IpPrefix address in state.OverlayAddresses)
        {
            if (!OverlayAddresses.Contains(address)) late.Add(new NodeStep.RemoveAddress(address, device));
        }

        var neighbours = new Dictionary<IpAddress, NodeNeighbour>(state.Neighbours.Count);
        foreach (NodeNeighbour neighbour in state.Neighbours) neighbours[neighbour.Address] = neighbour;
        foreach (NodeNeighbour neighbour in Neighbours)
        {
            if (!neighbours.Remove(neighbour.Address, out NodeNeighbour? old) || old != neighbour) steps.Add(new NodeStep.ReplaceNeighbour(neighbour, device));
        }

        var forwards = new Dictionary<MacAddress, NodeForward>(state.Forwards.Count);
        foreach (NodeForward forward in state.Forwards) forwards[forward.Mac] = forward;
        foreach (NodeForward forward in Forwards)
        {
            if (!forwards.Remove(forward.Mac, out NodeForward? old) || old != forward) steps.Add(new NodeStep.ReplaceForward(forward, device));
        }

        foreach (NodeNeighbour neighbour in neighbours.Values) late.Add(new NodeStep.RemoveNeighbour(neighbour, device));
        foreach (NodeForward forward in forwards.Values) late.Add(new NodeStep.RemoveForward(forward, device));
    }

    private bool IsOfTunnel(NodeStep.SetSysctl sysctl) => sysctl.Key.Contains($"/{VxlanName}/", StringComparison.Ordinal);
}
