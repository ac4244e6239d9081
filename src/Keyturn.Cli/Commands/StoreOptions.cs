using System.CommandLine;
using System.Data.Common;

namespace Keyturn.Cli.Commands;

/// <summary>The options that name the store and its master key.</summary>
internal static class StoreOptions
{
    /// <summary>Where the store is, if no option says so; the place for a connection string that has a password.</summary>
    public const string EnvironmentVariable = "KEYTURN_STORE";

    public static Option<string?> Store() => new("--store")
    {
        Description = $"The store: a file, or a connection string of PostgreSQL, \"Host=…;Username=…;Database=…\" [else ${EnvironmentVariable}]",
        HelpName = "FILE|HOST=…",
    };

    public static Option<bool> AllowAsynchronous() => new("--allow-asynchronous-store")
    {
        Description = "Also store in a PostgreSQL database with replicas whose commits wait for none: a fail-over may lose passwords",
    };

    public static Option<string?> MasterKey() => new("--master-key")
    {
        Description = $"File of the master key [else ${Storage.Sealing.MasterKey.EnvironmentVariable}]",
        HelpName = "FILE",
    };

    /// <summary>The option's value, or the environment's.</summary>
    /// <exception cref="CommandFailure">There is neither, or the option has a password, which every process of the machine could read.</exception>
    public static string Where(ParseResult parse, Option<string?> store)
    {
        if (parse.GetValue(store) is not { } said)
        {
            return Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } where
                ? where
                : throw CommandFailure.Usage($"say where the store is: --store, or {EnvironmentVariable}.");
        }

        return HasPassword(said)
            ? throw CommandFailure.Usage($"a password in an argument is seen by every process of the machine: put the connection string into {EnvironmentVariable}, or the password into a file that Passfile= names.")
            : said;
    }

    private static bool HasPassword(string store)
    {
        if (!Storage.Store.IsPostgreSql(store))
        {
            return false;
        }

        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = store };
            return settings.ContainsKey("Password") || settings.ContainsKey("PWD") || settings.ContainsKey("PSW");
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
