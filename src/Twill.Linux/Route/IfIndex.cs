namespace Twill.Linux.Route;

/// <summary>An interface's number, unique within one network namespace and never 0.</summary>
/// <remarks>Meaningless without its namespace: 2 is another interface in the pod than on the host.</remarks>
public readonly record struct IfIndex(int Value)
{
    /// <summary>The loopback interface: always the first in its namespace.</summary>
    public static IfIndex Loopback => new(1);

    public override string ToString() => Value.ToString();
}
