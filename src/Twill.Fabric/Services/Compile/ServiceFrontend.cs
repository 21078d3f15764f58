using System.Collections.Immutable;
using Twill.Fabric.Services.Model;
using Twill.Linux.Nft;

namespace Twill.Fabric.Services.Compile;

/// <summary>One address, protocol and port with what is behind it.</summary>
public sealed record ServiceFrontend(FrontendKey Key)
{
    /// <summary>Only for clients on this node, beside one for all others; of addresses with the external policy Local.</summary>
    public bool Inside { get; init; }

    public required FrontendKind Kind { get; init; }

    public uint AffinitySeconds { get; init; }

    /// <summary>In the order of their indexes, which the kernel's elements decide: not sorted.</summary>
    public required ImmutableArray<Backend> Backends { get; init; }

    /// <summary>Gets this node's address as source, unless it comes from this node or its pods: the answer must come back here.</summary>
    public bool Masquerade { get; init; }

    /// <summary>"default/web:http", as comment.</summary>
    public required string Name { get; init; }

    public bool V6 => Key.Address.IsV6;

    /// <summary>The chain a connection goes to; null for a plain drop.</summary>
    public string? Chain => Kind switch
    {
        FrontendKind.Drop => null,
        FrontendKind.Reject => ServiceTable.Refuse.Name,
        _ => Spreading!.Value.Name,
    };

    /// <summary>Null: there is nothing to spread over.</summary>
    internal SpreadChain? Spreading => Kind is FrontendKind.Drop or FrontendKind.Reject ? null : new SpreadChain(Kind, Kind == FrontendKind.Maglev ? MaglevTable.Size : Backends.Length, AffinitySeconds, V6, Inside);

    /// <summary>Everything that the table holds for it.</summary>
    public IEnumerable<ServiceElement> Elements()
    {
        NftBytes key = Key.Bytes();
        ServiceSets sets = ServiceTable.Sets(V6);
        NftVerdict verdict = Chain is { } chain ? NftVerdict.Goto(chain) : NftVerdict.Drop;
        yield return new(Inside ? sets.Inside : sets.Services, new NftElement(key) { Verdict = verdict, Comment = Name.Length <= MaxComment ? Name : Name[..MaxComment] });
        if (Masquerade) yield return new(sets.Masquerade, new NftElement(key));
        switch (Kind)
        {
            case FrontendKind.Random or FrontendKind.Hash:
                for (int i = 0; i < Backends.Length; i++) yield return new(Inside ? sets.InsideEndpoints : sets.Endpoints, Indexed(key, (uint)i).To(DataOf(Backends[i])));
                break;
            case FrontendKind.Maglev:
                int[] slots = MaglevTable.Build(Backends.AsSpan());
                for (int i = 0; i < slots.Length; i++) yield return new(Inside ? sets.InsideEndpoints : sets.Endpoints, Indexed(key, (uint)i).To(DataOf(Backends[slots[i]])));
                break;
            case FrontendKind.Affinity:
                uint[] ids = AffinityIds.Of(Backends.AsSpan());
                for (int i = 0; i < ids.Length; i++)
                {
                    yield return new(Inside ? sets.InsidePicks : sets.Picks, Indexed(key, (uint)i).To(NftBytes.U32(ids[i])));
                    yield return new(Inside ? sets.InsideLive : sets.Live, Indexed(key, ids[i]).To(DataOf(Backends[i])));
                }

                break;
        }
    }

    // ASCII, as Kubernetes' names are; nft allows 127 bytes.
    private const int MaxComment = 127;

    private static NftElement Indexed(NftBytes key, uint index) => new(NftBytes.Concat(key, NftBytes.U32(index)));

    private static NftBytes DataOf(Backend backend) => NftBytes.Concat(NftBytes.Of(backend.Address), NftBytes.U16Be(backend.Port));
}
