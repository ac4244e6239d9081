using Keyturn.Wire;

namespace Keyturn.Engines.Tls;

/// <summary>Names what broke on the wire in the domain's words.</summary>
internal static class WireFailures
{
    /// <summary>The cause, and the wire's sentence about it, which holds nothing that was sent.</summary>
    public static Failure ToFailure(this WireException error) => new(ErrorOf(error.Fault), error.Message);

    /// <summary>The same of a login.</summary>
    public static LoginResult ToLogin(this WireException error) => new(Login.Unreachable, error.ToFailure()) { WasLeftOpen = error.MayHaveSentPassword };

    private static EngineError ErrorOf(WireFault fault) => fault switch
    {
        WireFault.NameNotResolved => EngineError.NameNotResolved,
        WireFault.Unreachable => EngineError.Unreachable,
        WireFault.ConnectionLost => EngineError.ConnectionLost,
        WireFault.TimedOut => EngineError.TimedOut,
        WireFault.TlsRejected => EngineError.TlsRejected,
        WireFault.TlsUnavailable => EngineError.TlsUnavailable,
        WireFault.ProtocolViolation => EngineError.ProtocolViolation,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };
}
