using Xunit;

namespace Twill.KernelTests;

/// <summary>Classes that count descriptors and threads: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class KernelCollection
{
    public const string Name = "kernel, alone";
}
