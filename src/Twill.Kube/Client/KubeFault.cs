namespace Twill.Kube;

/// <summary>Why a request failed, as far as it changes what to do next.</summary>
public enum KubeFault
{
    /// <summary>No connection, or it was lost: try again later.</summary>
    Unreachable,

    /// <summary>We do not trust the server's certificate, or it not ours.</summary>
    Tls,

    /// <summary>No answer within its bound: try again later.</summary>
    Timeout,

    /// <summary>401: token or certificate is not accepted. Already read again and refused again.</summary>
    Unauthorized,

    /// <summary>403: a role is missing.</summary>
    Forbidden,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>409: somebody else changed the object; read it again.</summary>
    Conflict,

    /// <summary>410: the resource version or the continue token is too old; list anew.</summary>
    Gone,

    /// <summary>429 or 503 with Retry-After: the server asks us to wait.</summary>
    Busy,

    /// <summary>Any other answer that is not success.</summary>
    Refused,

    /// <summary>What came is not what the API promises: no JSON, too large, cut short.</summary>
    Malformed,

    /// <summary>One object cannot be read; the others can.</summary>
    Object,
}
