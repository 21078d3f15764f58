namespace Twill.Linux.Netlink;

/// <summary>Takes the messages of an answer, one at a time. Implement it in a struct: nothing is allocated or boxed.</summary>
public interface INetlinkReader
{
    /// <summary>The dump begins, or begins again because the kernel's tables changed under it: forget what was read.</summary>
    void Restart();

    /// <param name="message">Valid only during the call.</param>
    void Read(in NetlinkMessage message);
}
