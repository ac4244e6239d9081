using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn reset …</c></summary>
internal static class ResetCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("reset", "What became of resets")
    {
        ResetShowCommand.Create(client),
        ResetListCommand.Create(client),
    });
}
