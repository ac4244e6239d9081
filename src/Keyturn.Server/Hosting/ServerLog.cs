namespace Keyturn.Server.Hosting;

/// <summary>The server's events, 3001 and on. None has a body, a header or a query string.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Listening on {Address}")]
    public static partial void Listening(ILogger logger, Uri address);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "No certificate was given: this is a development certificate, which clients must be told to trust: {Path}")]
    public static partial void DevelopmentCertificate(ILogger logger, string path);

    [LoggerMessage(EventId = 3003, Message = "{Method} {Route} {Status} in {Milliseconds} ms for {Principal} ({RequestId})")]
    public static partial void RequestEnded(ILogger logger, LogLevel level, string method, string route, int status, double milliseconds, string principal, string requestId);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "Request {RequestId} failed")]
    public static partial void RequestFailed(ILogger logger, Exception error, string requestId);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Error, Message = "A recovery pass failed; the next one is due in a second")]
    public static partial void RecoveryPassFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Stopping although resets are still running: they are settled at the next start")]
    public static partial void ResetsStillRunning(ILogger logger);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "Took away what is kept no longer: {Versions} versions of passwords, {Resets} resets")]
    public static partial void Pruned(ILogger logger, long versions, long resets);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Error, Message = "Care of the store failed; the next pass does what this one did not")]
    public static partial void StoreCareFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3019, Level = LogLevel.Error, Message = "The audit log could not be brought to the disk; the next pass, in a second, does it")]
    public static partial void AuditNotFlushed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Error, Message = "Looking for rotations that are due failed; the next pass looks again")]
    public static partial void RotationPassFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "Read the master key again: {Key}, {Old}")]
    public static partial void MasterKeyRead(ILogger logger, Storage.Sealing.MasterKey key, string old);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Error, Message = "The master key could not be read again; the present one stays in use")]
    public static partial void MasterKeyNotRead(ILogger logger, Exception error);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Information, Message = "The store's data keys ({Count}) are wrapped by the new master key; the old one can be retired")]
    public static partial void Rewrapped(ILogger logger, int count);

    [LoggerMessage(EventId = 3017, Level = LogLevel.Information, Message = "Read the certificate again: {Subject}, until {End:yyyy-MM-dd}")]
    public static partial void CertificateRead(ILogger logger, string subject, DateTime end);

    [LoggerMessage(EventId = 3018, Level = LogLevel.Error, Message = "The certificate could not be read again; the present one stays in use")]
    public static partial void CertificateNotRead(ILogger logger, Exception error);
}
