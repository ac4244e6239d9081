using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit …</c></summary>
internal static class AuditCommand
{
    public static Command Create(ClientOptions client, Terminal terminal) => new("audit", "Who did what, and the proof that nobody has altered the log of it")
    {
        client.AddTo(AuditListCommand.Create(client)),
        client.AddTo(AuditTailCommand.Create(client)),
        client.AddTo(AuditExportCommand.Create(client)),
        AuditVerifyCommand.Create(terminal),
        AuditHeadsCommand.Create(terminal),
    };
}
