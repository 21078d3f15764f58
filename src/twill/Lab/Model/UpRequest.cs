namespace Twill.Lab.Model;

/// <summary>What `up` was told. Null: as it is, or in a new lab the default.</summary>
internal sealed record UpRequest
{
    internal const int DefaultNodes = 3, DefaultPods = 2;

    internal int? Nodes { get; init; }

    /// <summary>On each node.</summary>
    internal int? Pods { get; init; }

    internal LabMode? Mode { get; init; }

    internal LabSource? Source { get; init; }

    internal (bool V4, bool V6)? Families { get; init; }

    internal bool Empty { get; init; }

    /// <summary>A lab written down; then nothing else is told.</summary>
    internal string? File { get; init; }

    /// <summary>What shall be, given what there is. Nothing that exists goes, unless a file leaves it out.</summary>
    internal LabSpec Towards(LabSpec present)
    {
        if (File is not null) return LabFile.Read(File, present);
        bool isNew = present.Nodes.Count == 0 && present.Size is null;
        if (Empty && !isNew && !present.Empty) throw new LabException("the lab is up and not empty: `twill lab down`, then `twill lab up --empty`");
        LabSpec spec = present with
        {
            Mode = Mode ?? present.Mode,
            Source = Source ?? (Mode is LabMode.Vxlan or LabMode.Auto && present.Source == LabSource.None ? LabSource.File : present.Source),
            V4 = Families?.V4 ?? present.V4,
            V6 = Families?.V6 ?? present.V6,
            Empty = isNew ? Empty : present.Empty,
        };
        spec.Check();
        if (!isNew && (spec.Mode == LabMode.Auto) != (present.Mode == LabMode.Auto)) throw new LabException($"mode auto has two LANs, and the lab that is up was made with mode {LabWords.Of(present.Mode)}: `twill lab down` first");
        int nodes = Nodes ?? present.Size?.Nodes ?? (isNew ? DefaultNodes : 0);
        return spec.Grown(nodes, Pods ?? present.Size?.Pods ?? (isNew ? DefaultPods : 0));
    }
}
