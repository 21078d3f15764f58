namespace Twill.Lab.Model;

/// <param name="Index">From 1; the node's addresses follow from it.</param>
internal sealed record LabNodeSpec(int Index)
{
    internal string Name => LabNames.Node(Index);
}
