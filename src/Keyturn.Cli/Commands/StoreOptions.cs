using System.CommandLine;

namespace Keyturn.Cli.Commands;

/// <summary>The options of <c>serve</c> and <c>init</c> that name the store and its master key.</summary>
internal static class StoreOptions
{
    public static Option<string> Store() => new("--store") { Description = "File of the store", HelpName = "FILE", Required = true };

    public static Option<string?> MasterKey() => new("--master-key")
    {
        Description = $"File of the master key [else ${Storage.Sealing.MasterKey.EnvironmentVariable}]",
        HelpName = "FILE",
    };
}
