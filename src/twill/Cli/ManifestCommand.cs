using System.CommandLine;
using System.Net;
using Twill.Agent.Deploy;

namespace Twill.Cli;

/// <summary>twill manifest.</summary>
internal static class ManifestCommand
{
    internal static Command Build()
    {
        var options = new AgentOptions();
        var image = new Option<string>("--image") { Description = "The image with this program, which `make image` makes", HelpName = "IMAGE", DefaultValueFactory = _ => Manifest.DefaultImage };
        var place = new Option<string>("--namespace") { Description = "Where the agents run; a namespace that exists", HelpName = "NAME", DefaultValueFactory = _ => Manifest.DefaultNamespace };
        var api = new Option<string>("--api-server") { Description = "Where agents find the API server [the address of the service `kubernetes`, which needs kube-proxy or its like]", HelpName = "ADDRESS:PORT" };
        api.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!AgentOptions.TryEndPoint(token.Value, out _)) result.AddError($"--api-server {token.Value}: expected ADDRESS:PORT, such as 10.0.0.1:6443");
            }
        });
        var command = new ExampleCommand("manifest", "Print what Kubernetes needs to run twill on every node, for `kubectl apply -f -`. Node objects must have a pod CIDR: kube-controller-manager --allocate-node-cidrs gives them one.",
        [
            "twill manifest | kubectl apply -f -",
            "twill manifest --image registry.example/twill:0.1.0 --backend vxlan --cluster-cidr 10.244.0.0/16",
            "twill manifest --api-server 10.0.0.1:6443     # where no kube-proxy runs",
        ])
        { image, place, api };
        options.AddClusterTo(command);
        command.SetAction(result =>
        {
            IPEndPoint? server = result.GetValue(api) is { } text && AgentOptions.TryEndPoint(text, out IPEndPoint? endPoint) ? endPoint : null;
            Terminal.Answer(new Manifest(options.ReadCluster(result), result.GetValue(image)!, result.GetValue(place)!, server).Text);
            return ExitCode.Ok;
        });
        return command;
    }
}
