using System.CommandLine;
using Twill.Caller;

namespace Twill.Cli;

/// <summary>twill cni: a container runtime's calls, made by hand.</summary>
internal static class CniCommand
{
    internal static Command Create() => new ExampleCommand("cni", "Call a network's plugins as a container runtime does: all of a list, in order, on a network namespace.",
    [
        "ip netns add demo && twill cni add /etc/cni/net.d demo && ip netns exec demo ip addr",
        "twill cni del /etc/cni/net.d demo && ip netns del demo",
    ])
    {
        Add(), Del(), Check(), Gc(), Status(),
    };

    private static ExampleCommand Add()
    {
        var on = new AttachmentOptions();
        var output = new OutputOption { Description = "For people, or for programs: the CNI result, in the version of the list" };
        var command = new ExampleCommand("add", "Attach a namespace: ADD of each plugin, and show what was made.",
        [
            "twill cni add net.conflist demo",
            "twill cni add net.conflist demo --ifname net1 --args 'IgnoreUnknown=1;K8S_POD_NAME=web'",
            """twill cni add net.conflist demo --capability '{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}'""",
            "twill cni add net.conflist demo -o json          the CNI result itself",
        ])
        { output };
        on.AddTo(command);
        command.SetAction(result => CniCommandActions.Add(on.Read(result), output.IsJson(result)));
        return command;
    }

    private static ExampleCommand Del()
    {
        var on = new AttachmentOptions();
        var command = new ExampleCommand("del", "Detach a namespace: DEL of each plugin, backwards, with the cached result. Fine if it is not attached, and if it has gone.",
        [
            "twill cni del net.conflist demo",
        ]);
        on.AddTo(command);
        command.SetAction(result => CniCommandActions.Del(on.Read(result)));
        return command;
    }

    private static ExampleCommand Check()
    {
        var on = new AttachmentOptions();
        var command = new ExampleCommand("check", "Compare a namespace with the result of its ADD: CHECK of each plugin.",
        [
            "twill cni check net.conflist demo",
        ]);
        on.AddTo(command);
        command.SetAction(result => CniCommandActions.Check(on.Read(result)));
        return command;
    }

    private static ExampleCommand Gc()
    {
        var on = new NetworkOptions();
        var valid = new Option<string[]>("--valid") { Description = "An attachment that lives, besides the cached ones whose namespace is there; may be repeated", HelpName = "ID:IFNAME" };
        var yes = new Option<bool>("--yes") { Description = "Do it; without, only say what would be done" };
        valid.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.Split(':') is not [{ Length: > 0 }, { Length: > 0 }]) result.AddError($"--valid {token.Value}: expected ID:IFNAME");
            }
        });
        var command = new ExampleCommand("gc", "Remove what belongs to no living attachment: DEL for cached ones whose namespace has gone, then GC of each plugin.",
        [
            "twill cni gc net.conflist                        only says what would be done",
            "twill cni gc net.conflist --yes",
        ])
        { valid, yes };
        on.AddTo(command);
        command.SetAction(result => CniCommandActions.Gc(on.Read(result), result.GetValue(valid) ?? [], result.GetValue(yes)));
        return command;
    }

    private static ExampleCommand Status()
    {
        var on = new NetworkOptions();
        var command = new ExampleCommand("status", "Ask each plugin whether an ADD would be served now: STATUS.",
        [
            "twill cni status /etc/cni/net.d",
        ]);
        on.AddTo(command);
        command.SetAction(result => CniCommandActions.Status(on.Read(result)));
        return command;
    }

    /// <summary>What every verb needs.</summary>
    private class NetworkOptions
    {
        private readonly Argument<string> _conf = new("CONF") { Description = "A .conflist, a .conf, or a folder, whose first file by name is taken" };
        private readonly Option<string> _path = new("--cni-path") { Description = "Directories with plugins; CNI_PATH says so too", HelpName = "DIRS", DefaultValueFactory = _ => PluginFinder.DefaultPath };
        private readonly Option<string> _cache = new("--cache-dir") { Description = "Where results are kept between calls", HelpName = "DIR", DefaultValueFactory = _ => ResultCache.DefaultDirectory };
        private readonly Option<bool> _noCache = new("--no-cache") { Description = "Neither keep nor look for results" };

        internal virtual void AddTo(Command command)
        {
            _conf.CompletionSources.Add(CompletionNames.Files);
            _cache.CompletionSources.Add(CompletionNames.Directories);
            command.Arguments.Add(_conf);
            command.Options.Add(_path);
            command.Options.Add(_cache);
            command.Options.Add(_noCache);
        }

        internal CniCommandInput Read(ParseResult result) => Complete(result, new CniCommandInput(result.GetValue(_conf)!, PathOf(result), result.GetValue(_noCache) ? null : result.GetValue(_cache)));

        /// <summary>The runtimes' own variable comes behind ours.</summary>
        private string PathOf(ParseResult result)
            => result.GetResult(_path) is not { Implicit: false } && Environment.GetEnvironmentVariable("CNI_PATH") is { Length: > 0 } path ? path : result.GetValue(_path)!;

        protected virtual CniCommandInput Complete(ParseResult result, CniCommandInput input) => input;
    }

    /// <summary>And what names one attachment.</summary>
    private sealed class AttachmentOptions : NetworkOptions
    {
        private readonly Argument<string> _netns = new("NETNS") { Description = "A name of `ip netns`, or the path of a namespace" };
        private readonly Option<string?> _id = new("--container-id") { Description = "The owner; the namespace's name where it is not given", HelpName = "ID" };
        private readonly Option<string> _ifName = new("--ifname") { Description = "The interface inside", HelpName = "NAME", DefaultValueFactory = _ => "eth0" };
        private readonly Option<string?> _args = new("--args") { Description = "CNI_ARGS", HelpName = "K=V;..." };
        private readonly Option<string?> _capability = new("--capability") { Description = "Capability arguments; each plugin gets those it declares", HelpName = "JSON" };

        internal override void AddTo(Command command)
        {
            base.AddTo(command);
            _netns.CompletionSources.Add(CompletionNames.Namespaces);
            command.Arguments.Add(_netns);
            command.Options.Add(_id);
            command.Options.Add(_ifName);
            command.Options.Add(_args);
            command.Options.Add(_capability);
        }

        protected override CniCommandInput Complete(ParseResult result, CniCommandInput input) => input with
        {
            NetNs = result.GetValue(_netns)!,
            ContainerId = result.GetValue(_id),
            IfName = result.GetValue(_ifName)!,
            Args = result.GetValue(_args) ?? "",
            Capability = result.GetValue(_capability) ?? "",
        };
    }
}
