namespace Keyturn.Engines.PostgreSql;

/// <summary>The error codes that mean something to us (<see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>).</summary>
internal static class SqlState
{
    public const string InvalidParameterValue = "22023";
    public const string ReadOnlyTransaction = "25006";
    public const string InvalidAuthorization = "28000";
    public const string InvalidPassword = "28P01";
    public const string InvalidCatalogName = "3D000";
    public const string SerializationFailure = "40001";
    public const string Deadlock = "40P01";
    public const string InsufficientPrivilege = "42501";
    public const string SyntaxError = "42601";
    public const string UndefinedObject = "42704";
    public const string DuplicateObject = "42710";
    public const string ReservedName = "42939";
    public const string TooManyConnections = "53300";
    public const string LockNotAvailable = "55P03";
    public const string QueryCanceled = "57014";
    public const string AdminShutdown = "57P01";
    public const string CrashShutdown = "57P02";
    public const string CannotConnectNow = "57P03";
    public const string InternalError = "XX000";
}
