using System.CommandLine;
using Twill.Topo.Scene;

namespace Twill.Cli;

/// <summary>twill topo: options, call, print.</summary>
internal static class TopoCommand
{
    private const int MostColumns = 1000;

    internal static Command Build()
    {
        var output = new OutputOption(TopoActions.Svg, TopoActions.Html, TopoActions.Mermaid, TopoActions.Dot);
        var node = new Option<string?>("--node") { Description = "Only this node, with its surroundings", HelpName = "NODE" };
        node.CompletionSources.Add(CompletionNames.Nodes);
        var pods = new Option<string[]>("--pod") { Description = $"A pod to show where others are only counted, as on a node with more than {NodeCard.MostPods}; may be repeated", HelpName = "POD" };
        pods.CompletionSources.Add(CompletionNames.Pods);
        var wide = new Option<bool>("--wide", "-w") { Description = "Also hardware addresses, interface numbers, forwarding entries and gateways" };
        var width = new NumberOption("--width", [], "Columns; 0 is as many as the terminal has, or as look well on a page", 0, MostColumns, 0);
        var diff = new Option<string?>("--diff") { Description = "Show what changed since this file was written by -o json; exit code 1 if anything did", HelpName = "FILE" };
        diff.CompletionSources.Add(CompletionNames.Files);
        var command = new ExampleCommand("topo", "Draw the network: nodes, bridges, cables, pods, addresses, routes, router and internet, read from the kernel, and what is wrong with them.",
        [
            "twill topo",
            "twill topo --node node1 --wide",
            "twill topo -o svg > net.svg           light and dark, for a document",
            "twill topo -o html > net.html         one file to explore, offline",
            "twill topo -o json > before.json; twill lab exec node1 -- ip link set v-net-0 down; twill topo --diff before.json",
        ])
        { node, pods, wide, width, diff, output };
        command.SetAction(result => TopoActions.Run(new TopoRequest(
            output.Format(result), result.GetValue(node), new HashSet<string>(result.GetValue(pods) ?? []), result.GetValue(wide), result.GetValue(width), result.GetValue(diff))));
        return command;
    }
}
