using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance …</c></summary>
internal static class InstanceCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("instance", "The database services that Keyturn works on")
    {
        InstanceAddCommand.Create(client),
        InstanceListCommand.Create(client),
        InstanceInspectCommand.Create(client),
        InstanceDiscoverCommand.Create(client),
        InstanceRejoinCommand.Create(client),
        InstanceChangeCommand.Create(client),
        InstanceExportCommand.Create(client),
        InstanceRotateAdminCommand.Create(client),
        InstanceRemoveCommand.Create(client),
    });
}
