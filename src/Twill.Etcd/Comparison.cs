namespace Twill.Etcd;

/// <summary>How a <see cref="Compare"/> compares; the numbers are the wire's.</summary>
public enum Comparison
{
    Equal = 0,
    Greater = 1,
    Less = 2,
    NotEqual = 3,
}
