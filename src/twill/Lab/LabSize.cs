namespace Twill.Lab;

/// <summary>How large a lab is asked for.</summary>
internal readonly record struct LabSize(int Nodes, int PodsPerNode);
