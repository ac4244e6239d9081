using System.Diagnostics;
using System.Globalization;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The vendor's own client of a lab server, over verified TLS. The password goes in by the environment, as its manual advises.</summary>
internal static class VendorClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Whether the client is let in, and what it said.</summary>
    public static async Task<(bool IsLetIn, string Said)> LogInAsync(LabServer server, string user, string password)
    {
        using var process = Process.Start(Start(server, user, password))!;
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        // redis-cli ends with 0 whatever the server says.
        return (process.ExitCode == 0 && said[0].Contains("let-in", StringComparison.Ordinal), string.Concat(said));
    }

    private static ProcessStartInfo Start(LabServer server, string user, string password)
    {
        var (variable, arguments) = server.Engine switch
        {
            "postgresql" => ("PGPASSWORD", PostgreSql(server, user)),
            "mysql" => ("MYSQL_PWD", [.. MySql(server, user), "--ssl-mode=VERIFY_IDENTITY"]),
            "mariadb" => ("MYSQL_PWD", [.. MySql(server, user), "--ssl-verify-server-cert"]),
            _ => ("REDISCLI_AUTH", Redis(server, user, "PING", "let-in")),
        };
        return Start(server, variable, password, arguments);
    }

    /// <summary>Redis and Valkey: any other command.</summary>
    public static Process StartRedis(LabServer server, LabLogin login, params string[] words) =>
        Process.Start(Start(server, "REDISCLI_AUTH", login.Password, Redis(server, login.User, words)))!;

    private static ProcessStartInfo Start(LabServer server, string variable, string password, string[] arguments)
    {
        var start = new ProcessStartInfo(server.Client, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[variable] = password;
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    private static string[] PostgreSql(LabServer server, string user) =>
    [
        "--no-psqlrc", "--no-password", "--tuples-only", "--command", "SELECT 'let' || '-in'",
        $"host=localhost port={server.Port} dbname=postgres sslmode=verify-full sslrootcert={Lab.CaFile} user='{user.Replace("\\", "\\\\").Replace("'", "\\'")}'",
    ];

    private static string[] MySql(LabServer server, string user) =>
    [
        "--host=localhost", "--protocol=tcp", $"--port={server.Port}", $"--user={user}", $"--ssl-ca={Lab.CaFile}", "--default-character-set=utf8mb4",
        "--connect-timeout=10", "--batch", "--skip-column-names", "--execute=SELECT CONCAT('let', '-in')",
    ];

    private static string[] Redis(LabServer server, string user, params string[] words) =>
    [
        "-h", "localhost", "-p", server.Port.ToString(CultureInfo.InvariantCulture), "--tls", "--cacert", Lab.CaFile, "--user", user, "--no-auth-warning",
        .. words,
    ];
}
