using Twill.Agent.Install;

namespace Twill.Agent.View;

/// <summary>Which configuration a runtime takes, in words.</summary>
internal static class CniWords
{
    internal static string Problem(CniFiles files) => files.Ours is null
        ? $"{Path.Combine(files.Directory, NodeConfiguration.FileName)} is missing: the runtime does not call twill; the agent writes it when the node is ready"
        : $"{Path.Combine(files.Directory, files.Files![0])} sorts before {files.Ours}: new pods get that network; move it out of {files.Directory}";
}
