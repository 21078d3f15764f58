namespace Twill.Kube;

/// <summary>We cannot tell where the API server is, or as whom to speak to it: a file, a variable or a certificate is not usable.</summary>
/// <param name="message">What failed, in which file or variable, why, what to do. Never a secret.</param>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
