namespace Twill.Caller;

/// <summary>Why a call failed, as far as a caller must tell apart.</summary>
internal enum CallerFault
{
    /// <summary>A plugin refused, crashed or answered nonsense.</summary>
    Plugin,

    /// <summary>A configuration, an argument or a cached result that cannot be used.</summary>
    Input,

    /// <summary>A file, a plugin, a namespace that is not there.</summary>
    Missing,

    /// <summary>A plugin did not end in time and was killed.</summary>
    TimeOut,
}
