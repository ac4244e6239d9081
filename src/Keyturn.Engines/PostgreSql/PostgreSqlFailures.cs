using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>Names what the server, or the driver, said in the domain's words.</summary>
internal static class PostgreSqlFailures
{
    /// <summary>What stopped a statement.</summary>
    public static Failure OfStatement(Exception error) => error switch
    {
        PostgresException answer => new Failure(ErrorOf(answer), DetailOf(answer)),
        OperationCanceledException => new Failure(EngineError.TimedOut, "no answer in time"),
        { InnerException: TimeoutException } => new Failure(EngineError.TimedOut, "no answer in time"),
        _ => new Failure(EngineError.ConnectionLost, (error.InnerException ?? error).Message),
    };

    /// <summary>What stopped the admin login from connecting to <paramref name="target"/>.</summary>
    public static Failure OfConnecting(Exception error, Target target) => error switch
    {
        PostgresException { SqlState: SqlState.InvalidPassword } answer => new Failure(EngineError.AdminLoginRefused, DetailOf(answer)),
        PostgresException { SqlState: SqlState.InvalidAuthorization } answer => new Failure(LoginReplies.AddressRefusal(target), DetailOf(answer)),
        PostgresException answer => new Failure(ErrorOf(answer), DetailOf(answer)),
        OperationCanceledException => new Failure(EngineError.TimedOut, $"{target.Node}: no answer in time"),
        NpgsqlException { InnerException: null } => new Failure(OfDriver(error.Message), error.Message),
        _ => new Failure(OfTransport(error), $"{target.Node}: {error.GetBaseException().Message}"),
    };

    // Internal errors by the routine's name: "tuple concurrently updated" is translated on some servers.
    private static EngineError ErrorOf(PostgresException error) => error.SqlState switch
    {
        SqlState.InsufficientPrivilege => EngineError.AdminLacksPrivilege,
        SqlState.UndefinedObject => EngineError.AccountMissing,
        SqlState.DuplicateObject => EngineError.AccountExists,
        SqlState.ReservedName => EngineError.InvalidName,
        SqlState.ReadOnlyTransaction => EngineError.ReadOnlyNode,
        SqlState.InvalidParameterValue => EngineError.PasswordRefusedByServer,
        SqlState.LockNotAvailable or SqlState.SerializationFailure or SqlState.Deadlock => EngineError.Busy,
        SqlState.QueryCanceled => EngineError.TimedOut,
        SqlState.TooManyConnections => EngineError.ConnectionLimit,
        SqlState.CannotConnectNow => EngineError.Unreachable,
        SqlState.AdminShutdown or SqlState.CrashShutdown => EngineError.ConnectionLost,
        SqlState.InternalError when error.Routine is "simple_heap_update" or "simple_heap_delete" => EngineError.Busy,
        _ => EngineError.ServerError,
    };

    // A syntax error's sentence quotes the statement, which may hold a verifier.
    private static string DetailOf(PostgresException error) =>
        error.SqlState == SqlState.SyntaxError ? $"syntax error ({error.SqlState})" : $"{error.MessageText} ({error.SqlState})";

    // Npgsql has no codes of its own for these two.
    private static EngineError OfDriver(string message) => message switch
    {
        _ when message.StartsWith("SSL connection requested", StringComparison.Ordinal) => EngineError.TlsUnavailable,
        _ when message.Contains("authentication method", StringComparison.OrdinalIgnoreCase) => EngineError.MethodNotSpoken,
        _ => EngineError.ProtocolViolation,
    };

    private static EngineError OfTransport(Exception error) => error.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => EngineError.NameNotResolved,
        SocketException { SocketErrorCode: SocketError.ConnectionReset } => EngineError.ConnectionLost,
        SocketException => EngineError.Unreachable,
        AuthenticationException => EngineError.TlsRejected,
        TimeoutException or OperationCanceledException => EngineError.TimedOut,
        EndOfStreamException or IOException => EngineError.ConnectionLost,
        _ when error.InnerException is AuthenticationException => EngineError.TlsRejected,
        _ => EngineError.ProtocolViolation,
    };
}
