namespace Twill.Linux.Sys;

/// <summary>The kernel refused something: what, on which object, its number.</summary>
/// <param name="what">What failed, on which object; e.g. "cannot open network namespace /run/netns/blue".</param>
/// <param name="errno">The kernel's number.</param>
public class LinuxException(string what, Errno errno, string? detail = null)
    : Exception(detail is null ? $"{what}: {errno.Name} {errno.Text}" : $"{what}: {errno.Name} {errno.Text}; {detail}")
{
    /// <summary>What failed, on which object, without the number.</summary>
    public string What { get; } = what;

    public Errno Errno { get; } = errno;
}
