using System.Collections.Immutable;

namespace Twill.Linux.Nft;

/// <summary>What someone changed. The events of one transaction come together and end with an <see cref="NftGenerationEvent"/> that names who.</summary>
/// <param name="Removed">Deleted; false: made or changed.</param>
public abstract record NftEvent(bool Removed);

public sealed record NftTableEvent(bool Removed, NftTable Table) : NftEvent(Removed);

public sealed record NftChainEvent(bool Removed, NftChain Chain) : NftEvent(Removed);

public sealed record NftRuleEvent(bool Removed, NftRuleInfo Rule) : NftEvent(Removed);

/// <summary>Anonymous sets too.</summary>
public sealed record NftSetEvent(bool Removed, NftSet Set) : NftEvent(Removed);

/// <param name="Elements">One of them as a rule; of intervals each end, as the kernel stores it.</param>
public sealed record NftElementEvent(bool Removed, NftFamily Family, string Table, string Set, ImmutableArray<NftElement> Elements) : NftEvent(Removed);

/// <summary>A transaction was committed.</summary>
/// <param name="ThreadId">Of the thread that sent it, as the initial pid namespace numbers it; of a program with one thread its process id.</param>
/// <param name="ThreadName">Who did it, up to 15 bytes: for most programs ("nft", "firewalld") the program's name.</param>
/// <remarks>The kernel calls both the process's (NFTA_GEN_PROC_PID, NFTA_GEN_PROC_NAME) and gives the thread's.</remarks>
public sealed record NftGenerationEvent(uint Generation, uint ThreadId, string ThreadName) : NftEvent(false);

/// <summary>Something this version has no record for: a flow table, a named object.</summary>
/// <param name="MessageType">NFT_MSG_*.</param>
public sealed record NftUnknownEvent(byte MessageType) : NftEvent(false);
