using System.Data.Common;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>Where a store on PostgreSQL is: Npgsql's connection string, with what Keyturn needs of the connection.</summary>
internal static class PostgreSqlAddress
{
    private const string DefaultSchema = "keyturn";

    /// <summary>Whether the text is a connection string, and no path of a file.</summary>
    public static bool Is(string text) => text.Split(';').Any(part => part.Split('=') is [var key, _, ..] && IsHost(key.Trim()));

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Address"/>: it cannot be used.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException e)
        {
            // The message names a keyword. One that is none may be a piece of a password with a semicolon in it.
            var what = e.ParamName is { } keyword && new NpgsqlConnectionStringBuilder().ContainsKey(keyword) ? $"the value of {keyword} is none that it can have" : "it is to be Keyword=value;…, with values that hold ; or = in quotes";
            throw new StoreException(StoreFault.Address, $"The store's connection string cannot be read: {what}.");
        }

        var said = new DbConnectionStringBuilder { ConnectionString = text };
        RequireTls(settings, isSaid: said.ContainsKey("SSL Mode") || said.ContainsKey("SslMode"));
        settings.SearchPath ??= DefaultSchema;
        settings.ApplicationName ??= "keyturn";
        settings.IncludeErrorDetail = false;

        // A commit is never cancelled: PostgreSQL would answer success for what no replica has. Each statement gets its own limit.
        settings.CommandTimeout = 0;
        var limit = (long)PostgreSqlDatabase.StatementLimit.TotalMilliseconds;
        settings.Options = $"{settings.Options} -c statement_timeout={limit} -c lock_timeout={limit / 2} -c idle_in_transaction_session_timeout={3 * limit}".TrimStart();

        // Nothing of a session outlives its transaction here.
        settings.NoResetOnClose = true;
        settings.MaxAutoPrepare = 200;
        settings.AutoPrepareMinUsages = 2;
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, 64);
        settings.HostRecheckSeconds = 1;
        return settings;
    }

    /// <summary>The address without what is nobody's business: hosts, port, database, schema.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder settings) => $"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}, schema {settings.SearchPath}";

    private static bool IsHost(string key) => key.Equals("Host", StringComparison.OrdinalIgnoreCase) || key.Equals("Server", StringComparison.OrdinalIgnoreCase);

    private static void RequireTls(NpgsqlConnectionStringBuilder settings, bool isSaid)
    {
        if (!isSaid)
        {
            settings.SslMode = IsThisMachine(settings) ? SslMode.Disable : SslMode.VerifyFull;
        }

        if (settings.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA) && !(settings.SslMode == SslMode.Disable && IsThisMachine(settings)))
        {
            throw new StoreException(StoreFault.Address, $"SSL Mode={settings.SslMode} would send the store's secrets to whoever answers: use VerifyFull or VerifyCA, with Root Certificate=FILE where the CA is not the system's.");
        }
    }

    private static bool IsThisMachine(NpgsqlConnectionStringBuilder settings) =>
        (settings.Host ?? "").Split(',').All(host => host.StartsWith('/') || host is "localhost" or "127.0.0.1" or "::1" || host.StartsWith("127.0.0.1:", StringComparison.Ordinal) || host.StartsWith("localhost:", StringComparison.Ordinal));
}
