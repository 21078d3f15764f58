using System.CommandLine;
using System.Text.Json;
using Twill.Agent;
using Twill.Agent.Install;
using Twill.Agent.View;
using Twill.Linux.Route;

namespace Twill.Cli;

/// <summary>What this node shows about its network: options, call, print.</summary>
internal static class NodeCommands
{
    internal static IReadOnlyList<Command> Build() => [Status(), Nodes(), Routes(), Watch(), Pod(), Ipam()];

    private static Command Status()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        Option<string> cni = CniDirectory();
        var watch = new Option<bool>("--watch", "-w") { Description = "Show it anew whenever something is different, until Ctrl-C" };
        var command = new ExampleCommand("status", "Show this node's pod network on one screen, with the reason where something is wrong; exit code 1 then. Works without the agent, from the kernel alone.",
        [
            "twill status",
            "twill status -w",
            "twill status -o json",
        ])
        { output, watch, socket, cni };
        command.SetAction(result =>
        {
            RequireRoot("status");
            var agent = new AgentClient(result.GetValue(socket)!);
            bool json = output.IsJson(result), again = false;
            StatusReport Read() => StatusReport.Read(agent, result.GetValue(cni)!);
            bool Show(StatusReport status)
            {
                // Home, and what is below goes: the screen does not flicker. In a file or a pipe one stands behind the other.
                string before = !again || json ? "" : Terminal.OutputIsTerminal ? "\e[H\e[J" : "\n";
                again = true;
                return Terminal.TryAnswer(before + (json ? ViewJson.Status(status) : StatusText.Draw(status, Terminal.Style)));
            }

            if (result.GetValue(watch))
            {
                if (!json && Terminal.OutputIsTerminal) Terminal.Answer("\e[2J\e[H");
                return Verdict(new StatusWatch(agent, Read).Run(Show, Terminal.Say));
            }

            StatusReport report = Read();
            Show(report);
            return Verdict(report);
        });
        return command;

        static int Verdict(StatusReport report) => report.Problems.Count == 0 ? ExitCode.Ok : ExitCode.Problem;
    }

    private static Command Nodes()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        var command = new ExampleCommand("nodes", "Show the cluster's nodes, their blocks, and how each is reached from here.",
        [
            "twill nodes",
            "twill nodes -o json",
        ])
        { output, socket };
        command.SetAction(result =>
        {
            RequireRoot("nodes");
            bool fromAgent = false;
            IReadOnlyList<NodeLine> nodes = Lines(result.GetValue(socket)!, ref fromAgent);
            if (!fromAgent) Terminal.Say("source: kernel; agent not running, so names are not known");
            Terminal.Answer(output.IsJson(result) ? ViewJson.Nodes(nodes, fromAgent) : Table.Draw(["NODE", "ADDRESSES", "BLOCKS", "WAY"], nodes.Select(n => (IReadOnlyList<string>)[OrDash(n.Name), OrDash(string.Join(" ", n.Addresses)), OrDash(string.Join(" ", n.Blocks)), n.Way])));
            return nodes.Any(n => n.Way == "none") ? ExitCode.Problem : ExitCode.Ok;
        });
        return command;
    }

    private static Command Routes()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        var language = new ChoiceOption("--for", [], "Whose routes: this node's own; or what a router beside the nodes needs for pods and load-balancer addresses, as a script of ip, or lines for the configuration of FRR or BIRD 2 [node]", ["node", .. RouterText.Languages]);
        var command = new ExampleCommand("routes", "Show this node's routes to other nodes' blocks: those with protocol 77 in `ip route`. Or, with --for, the routes that your routers need.",
        [
            "twill routes",
            "twill routes -o json",
            "twill routes --for bird",
        ])
        { output, language, socket };
        command.SetAction(result =>
        {
            RequireRoot("routes");
            if (result.GetValue(language) is { } words && words != "node")
            {
                using JsonDocument router = new AgentClient(result.GetValue(socket)!).Router() ?? throw new AgentException(ExitCode.NotFound, $"no agent listens on {result.GetValue(socket)}, and it alone knows all nodes and services: systemctl status twill");
                Terminal.Answer(output.IsJson(result) ? router.RootElement.GetRawText() + "\n" : RouterText.Draw(RouterText.Read(router.RootElement), words));
                return ExitCode.Ok;
            }

            IReadOnlyList<RouteUse> routes = KernelReader.Read(NodeConfiguration.DefaultDirectory).Routes;
            bool fromAgent = false;
            IReadOnlyList<NodeLine> nodes = Lines(result.GetValue(socket)!, ref fromAgent);
            string NodeOf(RouteUse route) => nodes.FirstOrDefault(n => n.Name.Length > 0 && n.Blocks.Contains(route.Destination.ToString()))?.Name ?? "";
            Terminal.Answer(output.IsJson(result) ? ViewJson.Routes(routes, NodeOf) : Table.Draw(["BLOCK", "NODE", "VIA", "DEVICE", "WAY", "STATE"], routes.Select(r => (IReadOnlyList<string>)[r.Destination.ToString(), OrDash(NodeOf(r)), OrDash(r.Via?.ToString() ?? ""), r.Device, r.Tunnel ? "tunnel" : "direct", r.IsUp ? "up" : "down"])));
            return routes.All(r => r.IsUp) ? ExitCode.Ok : ExitCode.Problem;
        });
        return command;
    }

    private static Command Watch()
    {
        var output = new OutputOption();
        var socket = new SocketOption();
        var command = new ExampleCommand("watch", "Show what changes and what is repaired as it happens, until Ctrl-C; what happened lately first.",
        [
            "twill watch",
            "twill watch -o json",
        ])
        { output, socket };
        command.SetAction(result => Follow(new AgentClient(result.GetValue(socket)!), result.GetValue(socket)!, output.IsJson(result)));
        return command;
    }

    /// <summary>Each turn waits for the agent, and the last ends when there is none any more.</summary>
    private static int Follow(AgentClient agent, string socket, bool json)
    {
        long after = 0;
        while (agent.Events(after, wait: after > 0) is { } events)
        {
            using (events)
            {
                if (json) Terminal.Answer($"{events.RootElement.GetRawText()}\n");
                else foreach (string line in EventText.Lines(events.RootElement)) Terminal.Answer($"{line}\n");
                after = Math.Max(1, EventText.Last(events.RootElement, after));
            }
        }

        throw new AgentException(ExitCode.NotFound, $"no agent {(after == 0 ? "runs" : "runs any more")} on this node ({socket}), and nobody else remembers what happened: systemctl status twill");
    }

    private static Command Pod()
    {
        var name = new Argument<string>("POD") { Description = "Its name, NAMESPACE/NAME, an address, or the beginning of its container's id" };
        name.CompletionSources.Add(CompletionNames.NodePods);
        var output = new OutputOption();
        var command = new ExampleCommand("pod", "Show one pod of this node: its addresses, its pair of interfaces, its bridge.",
        [
            "twill pod web-0",
            "twill pod 10.244.1.7 -o json",
        ])
        { name, output };
        command.SetAction(result =>
        {
            RequireRoot("pod");
            string word = result.GetValue(name)!;
            KernelView kernel = KernelReader.Read(NodeConfiguration.DefaultDirectory);
            PodUse[] pods = [.. kernel.Pods.Where(p => IsCalled(p, word))];
            if (pods.Length == 0) throw new AgentException(ExitCode.NotFound, $"no pod of this node is called {word}, has that address, or a container whose id begins so: `twill ipam` lists them");
            Terminal.Answer(output.IsJson(result) ? ViewJson.Pods(pods) : string.Join('\n', pods.Select(p => PodText.Draw(p, kernel))));
            return pods.All(p => p is { IsUp: true, Bridge: not null }) ? ExitCode.Ok : ExitCode.Problem;
        });
        return command;
    }

    private static Command Ipam()
    {
        var output = new OutputOption();
        var command = new ExampleCommand("ipam", "Show this node's blocks and who has which address. The kernel is the database: an address is in use as long as its interface exists.",
        [
            "twill ipam",
            "twill ipam who 10.244.1.7",
            "twill ipam -o json",
        ])
        { output, IpamWho() };
        command.SetAction(result =>
        {
            RequireRoot("ipam");
            KernelView kernel = KernelReader.Read(NodeConfiguration.DefaultDirectory);
            Terminal.Answer(output.IsJson(result) ? ViewJson.Ipam(kernel)
                : Table.Draw(["BLOCK", "BRIDGE", "USED", "FREE"], kernel.Subnets.Select(s => (IReadOnlyList<string>)[s.Subnet.ToString(), s.Bridge, $"{s.Used}", StatusText.Free(s)]))
                + "\n" + Table.Draw(["ADDRESS", "POD", "NETWORK", "INTERFACE"], kernel.Pods.SelectMany(p => p.Addresses.Select(a => (IReadOnlyList<string>)[a, p.Pod, p.Network, p.Host]))));
            return kernel.Subnets.All(s => s.Free > 0) ? ExitCode.Ok : ExitCode.Problem;
        });
        return command;
    }

    private static Command IpamWho()
    {
        var word = new Argument<string>("ADDRESS|POD") { Description = "An address, or a pod of this node as `twill pod` names it" };
        word.CompletionSources.Add(CompletionNames.NodePods);
        var output = new OutputOption();
        var socket = new SocketOption();
        var command = new ExampleCommand("who", "Say who has an address, or which addresses a pod has; exit code 4 where nobody has it.",
        [
            "twill ipam who 10.244.1.7",
            "twill ipam who web-0 -o json",
        ])
        { word, output, socket };
        command.SetAction(result =>
        {
            RequireRoot("ipam who");
            string asked = result.GetValue(word)!;
            KernelView kernel = KernelReader.Read(NodeConfiguration.DefaultDirectory);
            bool fromAgent = false;
            IReadOnlyList<NodeLine> nodes = Lines(result.GetValue(socket)!, ref fromAgent);
            string address = asked.Split('/')[0];
            List<AddressAnswer> answers = IpAddress.TryParse(address, out IpAddress one)
                ? [AddressAnswer.Of(kernel, nodes, one)]
                : [.. kernel.Pods.Where(p => IsCalled(p, asked)).SelectMany(p => p.Addresses).Select(a => AddressAnswer.Of(kernel, nodes, IpPrefix.Parse(a).Address))];
            if (answers.Count == 0) throw new AgentException(ExitCode.NotFound, $"{asked} is no address, and no pod of this node is called so or has an address of ours: `twill ipam` lists them");
            Terminal.Answer(output.IsJson(result) ? ViewJson.Who(asked, answers) : Table.Draw(["ADDRESS", "STATE", "WHO"], answers.Select(a => (IReadOnlyList<string>)[a.Address.ToString(), a.State, a.Text])));
            return answers.All(a => a.IsTaken) ? ExitCode.Ok : ExitCode.NotFound;
        });
        return command;
    }

    internal static Option<string> CniDirectory()
    {
        var option = new Option<string>("--cni-dir") { Description = "Where the runtime reads its configuration", HelpName = "DIR", DefaultValueFactory = _ => NodeConfiguration.DefaultDirectory };
        option.CompletionSources.Add(CompletionNames.Directories);
        return option;
    }

    internal static bool IsCalled(PodUse pod, string word)
        => pod.Pod == word || pod.Pod.EndsWith($"/{word}", StringComparison.Ordinal) || pod.Addresses.Any(a => a == word || a.Split('/')[0] == word) || (word.Length >= 4 && pod.Container.StartsWith(word, StringComparison.Ordinal)) || pod.Host == word;

    private static IReadOnlyList<NodeLine> Lines(string socket, ref bool fromAgent)
    {
        using var nodes = new AgentClient(socket).Nodes();
        fromAgent = nodes is not null;
        return nodes is not null ? NodeLine.Of(nodes.RootElement) : NodeLine.Of(KernelReader.Read(NodeConfiguration.DefaultDirectory));
    }

    private static void RequireRoot(string verb)
    {
        if (!Linux.Sys.StandardStreams.IsRoot) throw new AgentException(ExitCode.NotAllowed, $"`twill {verb}` asks the kernel for things that only root may see: sudo twill {verb}");
    }

    private static string OrDash(string text) => text.Length == 0 ? "-" : text;
}
