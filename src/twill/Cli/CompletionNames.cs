using System.CommandLine.Completions;
using Twill.Agent.Install;
using Twill.Agent.View;
using Twill.Fabric.Services.Apply;
using Twill.Lab;
using Twill.Linux.Netns;
using Twill.Linux.Sys;

namespace Twill.Cli;

/// <summary>What an argument may name, for its CompletionSources: argument.CompletionSources.Add(CompletionNames.Pods).</summary>
internal static class CompletionNames
{
    /// <summary>Words that the scripts in Shell/ understand: complete files, directories, programs.</summary>
    internal const string FilesWord = ":files", DirectoriesWord = ":directories", ProgramsWord = ":programs";

    /// <summary>Namespaces whose marks are read, 60 us each; where there are more, names alone must do. Completion has 50 ms.</summary>
    private const int MaxMarks = 500;

    internal static IEnumerable<CompletionItem> Files(CompletionContext context) => [new CompletionItem(FilesWord)];

    internal static IEnumerable<CompletionItem> Directories(CompletionContext context) => [new CompletionItem(DirectoriesWord)];

    internal static IEnumerable<CompletionItem> Programs(CompletionContext context) => [new CompletionItem(ProgramsWord)];

    /// <summary>Of `ip netns`, whoever made them.</summary>
    internal static IEnumerable<CompletionItem> Namespaces(CompletionContext context) => NetworkNamespace.ListNamed().Select(n => new CompletionItem(n));

    /// <summary>Pods of this node, as the kernel knows them.</summary>
    internal static IEnumerable<CompletionItem> NodePods(CompletionContext context)
        => StandardStreams.IsRoot ? KernelReader.Read(NodeConfiguration.DefaultDirectory).Pods.Select(p => new CompletionItem(p.Pod, detail: string.Join(' ', p.Addresses))) : [];

    /// <summary>Services of this node, as the kernel knows them.</summary>
    internal static IEnumerable<CompletionItem> NodeServices(CompletionContext context)
    {
        if (!StandardStreams.IsRoot) return [];
        using var keeper = new ServiceKeeper(null);
        return [.. keeper.Read().Frontends.GroupBy(f => ServiceReport.ServiceOf(f.Name), StringComparer.Ordinal).Select(s => new CompletionItem(s.Key, detail: s.First().Key.ToString()))];
    }

    internal static IEnumerable<CompletionItem> Pods(CompletionContext context) => Lab(static m => m.Kind == LabKind.Pod);

    internal static IEnumerable<CompletionItem> Nodes(CompletionContext context) => Lab(static m => m.Kind == LabKind.Node);

    /// <summary>Services of the lab.</summary>
    internal static IEnumerable<CompletionItem> LabServices(CompletionContext context)
        => StandardStreams.IsRoot ? LabInventory.Read([LabNames.Router]).Spec.Services.Select(s => new CompletionItem(s.Name, detail: string.Join(' ', s.Pods))) : [];

    /// <summary>Pods, nodes, router and internet, and services as "svc/NAME".</summary>
    internal static IEnumerable<CompletionItem> EverybodyAndServices(CompletionContext context)
        => Everybody(context).Concat(LabServices(context).Select(s => new CompletionItem($"svc/{s.Label}", detail: $"service: {s.Detail}")));

    /// <summary>Pods, nodes, router and internet.</summary>
    internal static IEnumerable<CompletionItem> Everybody(CompletionContext context) => Lab(static _ => true);

    private static IEnumerable<CompletionItem> Lab(Func<LabMark, bool> wanted)
        => Marks().Where(wanted).OrderBy(m => m.Kind == LabKind.Pod).ThenBy(m => m.Kind).ThenBy(m => m.Index).ThenBy(m => m.Name, StringComparer.Ordinal).Select(m => new CompletionItem(m.Name, detail: Words(m)));

    /// <summary>Only root may look into namespaces; everybody may read their names, and the lab's are told by their form.</summary>
    private static IEnumerable<LabMark> Marks()
    {
        string[] names = NetworkNamespace.ListNamed();
        return StandardStreams.IsRoot && names.Length <= MaxMarks ? LabInventory.Read().Marks : names.Select(n => new LabMark(KindOf(n), n));
    }

    private static LabKind KindOf(string name) => name switch
    {
        LabNames.Router => LabKind.Router,
        LabNames.Internet => LabKind.Internet,
        ['n', 'o', 'd', 'e', .. { Length: > 0 } digits] when digits.All(char.IsAsciiDigit) => LabKind.Node,
        _ => LabKind.Pod,
    };

    private static string Words(LabMark mark) => mark.Kind switch
    {
        LabKind.Pod => mark.Node.Length > 0 ? $"pod on {mark.Node}" : "",
        LabKind.Node => "node",
        LabKind.Router => "router of the lab",
        _ => "the internet beyond the router",
    };
}
