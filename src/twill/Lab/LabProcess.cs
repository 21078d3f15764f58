namespace Twill.Lab;

/// <summary>A process inside one of the lab's namespaces.</summary>
/// <param name="IsPlugin">A CNI plugin at work; one that outlived the `up` that started it.</param>
internal sealed record LabProcess(int Id, string Command, string Namespace, bool IsPlugin)
{
    public override string ToString() => $"{Id} ({Command}) in {Namespace}";
}
