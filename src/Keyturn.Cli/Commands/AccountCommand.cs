using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account …</c></summary>
internal static class AccountCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("account", "The logins on an instance")
    {
        AccountListCommand.Create(client),
        AccountInspectCommand.Create(client),
        AccountCreateCommand.Create(client),
        AccountImportCommand.Create(client),
        AccountAdoptCommand.Create(client),
        AccountResetCommand.Create(client),
        AccountDiscardOldCommand.Create(client),
        AccountSessionsCommand.CreateCount(client),
        AccountSessionsCommand.CreateEnd(client),
        AccountCheckCommand.Create(client),
        AccountVerifyCommand.Create(client),
        AccountRevealCommand.Create(client),
        AccountChangeCommand.Create(client),
        AccountScheduleCommand.Create(client),
        AccountDropCommand.Create(client),
    });
}
