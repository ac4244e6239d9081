namespace Keyturn.Wire;

/// <summary>Where a conversation with a server broke, by phase and side.</summary>
public enum WireFault
{
    /// <summary>The host name does not resolve.</summary>
    NameNotResolved,

    /// <summary>No connection could be made.</summary>
    Unreachable,

    /// <summary>The connection ended in mid-conversation.</summary>
    ConnectionLost,

    /// <summary>The deadline passed.</summary>
    TimedOut,

    /// <summary>TLS could not be agreed, or the certificate is not trusted for this name.</summary>
    TlsRejected,

    /// <summary>TLS is wanted and the server offers none.</summary>
    TlsUnavailable,

    /// <summary>The peer broke its protocol: an impossible length, an unknown tag, a wrong signature.</summary>
    ProtocolViolation,
}

/// <summary>The wire broke. Messages never hold what was sent.</summary>
public sealed class WireException : Exception
{
    /// <summary>A fault and a sentence about it.</summary>
    public WireException(WireFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>Where it broke.</summary>
    public WireFault Fault { get; }

    /// <summary>True once bytes may have left, so that the server may act on them.</summary>
    public bool MayHaveSent { get; init; }

    /// <summary>True once a password, or a proof of it, may have left: see <see cref="Transport.IsPasswordSent"/>.</summary>
    public bool MayHaveSentPassword { get; init; }

    /// <summary>The peer broke its protocol.</summary>
    public static WireException Violation(string message) => new(WireFault.ProtocolViolation, message);
}
