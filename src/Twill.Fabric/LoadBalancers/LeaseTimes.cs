namespace Twill.Fabric.LoadBalancers;

/// <summary>The times on which it rests that no two nodes announce one address. All are counted by each node's own monotonic clock.</summary>
/// <remarks>
/// A holder begins a renewal at t. Its record changes at t or later, so others see it change at t or later, and wait
/// <see cref="TakeOverMs"/> from there. The holder puts the address up for another <see cref="ValidSeconds"/> only if the answer came by
/// t + <see cref="MaxRenewalMs"/>, and the kernel takes it away <see cref="LapseMs"/> later at most, with the agent dead as well. The sum is not
/// more than what the others wait. Clocks may differ; that they run equally fast, within one part in twenty, is assumed.
/// </remarks>
public static class LeaseTimes
{
    /// <summary>Between two looks: renewals of the holder, reads of the others. Three are missed before an address lapses.</summary>
    public const int LookMs = 200;

    /// <summary>The shortest lifetime that the kernel knows.</summary>
    public const int ValidSeconds = 1;

    /// <summary>The kernel looks for lapsed addresses up to a quarter of a second late (ADDRCONF_TIMER_FUZZ, net/ipv4/devinet.c check_lifetime).</summary>
    public const int LapseMs = 1300;

    /// <summary>A renewal whose answer takes longer keeps the record, and does not keep the address up.</summary>
    public const int MaxRenewalMs = 250;

    /// <summary>So long a record must not have changed before somebody else takes it.</summary>
    public const int TakeOverMs = 1600;

    /// <summary>A call that takes longer is given up.</summary>
    public const int CallMs = 500;

    /// <summary>A node so far behind in the order of an address looks rarely: that many calls fewer, and the first ones are dead together seldom.</summary>
    public const int QuickRanks = 3;

    /// <summary>Between two looks of the others.</summary>
    public const int SlowLookMs = 2000;

    /// <summary>For an address that nobody has: the next in the order waits that much longer, so that addresses spread over the nodes.</summary>
    public const int RankMs = 300;
}
