using Twill.Fabric.Model;

namespace Twill.Fabric.Plan;

/// <summary>Which objects one list of nodes has that another has not. By identity: a source gives a node that did not change as the same object.</summary>
/// <remarks>What both lists begin and end with is skipped, 8 bytes a node; only what is between the first and the last change is looked up.</remarks>
public readonly record struct ListChange(IReadOnlyList<ClusterNode> Gone, IReadOnlyList<ClusterNode> Come)
{
    public static ListChange Between(IReadOnlyList<ClusterNode> before, IReadOnlyList<ClusterNode> now)
    {
        int common = Math.Min(before.Count, now.Count), head = 0, tail = 0;
        while (head < common && ReferenceEquals(before[head], now[head])) head++;
        while (tail < common - head && ReferenceEquals(before[before.Count - 1 - tail], now[now.Count - 1 - tail])) tail++;
        List<ClusterNode> gone = [], come = [];
        int left = before.Count - head - tail;
        if (left == 0)
        {
            for (int i = head; i < now.Count - tail; i++) come.Add(now[i]);
            return new ListChange(gone, come);
        }

        // How often each is there: a list may name a node twice.
        var times = new Dictionary<ClusterNode, int>(left, ReferenceEqualityComparer.Instance);
        for (int i = head; i < before.Count - tail; i++) times[before[i]] = times.GetValueOrDefault(before[i]) + 1;
        for (int i = head; i < now.Count - tail; i++)
        {
            if (times.TryGetValue(now[i], out int n) && n > 0) times[now[i]] = n - 1;
            else come.Add(now[i]);
        }

        for (int i = head; i < before.Count - tail; i++)
        {
            if (times[before[i]] <= 0) continue;
            times[before[i]]--;
            gone.Add(before[i]);
        }

        return new ListChange(gone, come);
    }
}
