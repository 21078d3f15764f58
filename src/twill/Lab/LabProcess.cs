namespace Twill.Lab;

/// <summary>A process inside one of the lab's namespaces.</summary>
/// <param name="IsPlugin">A CNI plugin at work; one that outlived the `up` that started it.</param>
/// <param name="Container">The container of the lab's that it is; null: somebody's own.</param>
internal sealed record LabProcess(int Id, string Command, string Namespace, bool IsPlugin, string? Container)
{
    public override string ToString() => $"{Id} ({Command}) in {Namespace}";
}
