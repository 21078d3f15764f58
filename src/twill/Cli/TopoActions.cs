using Twill.Lab;
using Twill.Lab.State;
using Twill.Linux.Sys;
using Twill.Topo;
using Twill.Topo.Compare;
using Twill.Topo.Draw;
using Twill.Topo.Page;
using Twill.Topo.Scene;

namespace Twill.Cli;

/// <summary>What `twill topo` does: read, then print; and the picture for the lab's commands.</summary>
internal static class TopoActions
{
    internal const string Svg = "svg", Html = "html", Mermaid = "mermaid", Dot = "dot";

    internal static int Run(TopoRequest request)
    {
        LabState state = Present("topo");
        Topology topology = Topology.Of(state);
        Require(request.Node is { } node ? [node] : [], topology.Nodes.Select(n => n.Name), "node");
        Require(request.Pods, topology.Nodes.SelectMany(n => n.Pods).Select(p => p.Name), "pod");
        if (request.Diff is { } file) return Difference(LabStateJson.Read(Load(file), file), state, request.Format);
        switch (request.Format)
        {
            case OutputOption.Json:
                Terminal.Answer(LabStateJson.Write(state));
                break;
            case Svg:
                Terminal.Answer(SvgDrawing.File(TopologyLayout.Draw(topology, Page(topology, request)), topology));
                break;
            case Html:
                Terminal.Answer(HtmlPage.Draw(state, topology, Page(topology, request)));
                break;
            case Mermaid:
                Terminal.Answer(GraphDrawing.Mermaid(Only(topology, request), request.Pods));
                break;
            case Dot:
                Terminal.Answer(GraphDrawing.Dot(Only(topology, request), request.Pods));
                break;
            default:
                Terminal.Answer(Picture(topology, request));
                return Complain(topology);
        }

        return ExitCode.Ok;
    }

    /// <summary>For a terminal.</summary>
    internal static string Picture(Topology topology, TopoRequest? request = null)
    {
        int width = request is { Width: > 0 } ? Math.Max(request.Width, LayoutOptions.LeastWidth) : Terminal.Width;
        var options = new LayoutOptions { Width = width, Wide = request?.Wide ?? false, Roomy = request?.Wide ?? false, Node = request?.Node, Keep = request?.Pods ?? new HashSet<string>() };
        return TextDrawing.Draw(TopologyLayout.Draw(topology, options), Terminal.Style);
    }

    /// <summary>The lab that there is.</summary>
    /// <param name="command">Behind "twill", for the one who may not.</param>
    internal static LabState Present(string command)
    {
        RequireRoot(command);
        LabInventory inventory = LabInventory.Read();
        return inventory.IsEmpty ? throw new LabException(ExitCode.NotFound, "there is no lab on this machine: `twill lab up` makes one") : LabStateReader.Read(inventory);
    }

    internal static void RequireRoot(string command)
    {
        if (!StandardStreams.IsRoot) throw new LabException(ExitCode.NotAllowed, $"`twill {command}` works with network namespaces, and only root may: sudo twill {command}");
    }

    /// <summary>What is wrong, on stderr.</summary>
    /// <returns>The exit code.</returns>
    internal static int Complain(Topology topology)
    {
        foreach (TopologyProblem problem in topology.Problems) Terminal.Say($"twill: {problem.Sentence}");
        return topology.Problems.Count == 0 ? ExitCode.Ok : ExitCode.Problem;
    }

    private static int Difference(LabState was, LabState now, string format)
    {
        IReadOnlyList<StateChange> changes = StateDifference.Between(was, now);
        if (format is not (OutputOption.Text or OutputOption.Json)) throw new LabException(ExitCode.Usage, $"--diff answers in text or json, not as {format}");
        Terminal.Answer(format == OutputOption.Json ? DifferenceText.Json(changes) : DifferenceText.Lines(changes, Terminal.Style));
        return changes.Count == 0 ? ExitCode.Ok : ExitCode.Problem;
    }

    private static LayoutOptions Page(Topology topology, TopoRequest request) => LayoutOptions.Page(topology, request.Width > 0 ? Math.Max(request.Width, LayoutOptions.LeastWidth) : null) with { Wide = request.Wide, Node = request.Node, Keep = request.Pods };

    private static Topology Only(Topology topology, TopoRequest request) => request.Node is null ? topology : topology with { Nodes = [.. topology.Nodes.Where(n => n.Name == request.Node)] };

    private static void Require(IEnumerable<string> wanted, IEnumerable<string> there, string what)
    {
        string[] names = [.. there];
        foreach (string name in wanted)
        {
            if (names.Contains(name)) continue;
            throw new LabException(ExitCode.NotFound, $"the lab has no {what} {name}{(Typo.Nearest(name, names) is { } near ? $"; did you mean {near}?" : names.Length == 0 ? "" : $"; it has {string.Join(", ", names.Take(12))}{(names.Length > 12 ? $" and {names.Length - 12} more" : "")}")}");
        }
    }

    private static byte[] Load(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException(e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Problem, $"cannot read {file}: {e.Message.TrimEnd('.')}; `twill topo -o json > {file}` writes one");
        }
    }
}
