using System.CommandLine;
using Keyturn.Storage;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store add-project</c>: who has the store and its master key says which projects there are; no owner of one has a right over another.</summary>
internal static class StoreAddProjectCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey, owner) = (StoreOptions.Store(), StoreOptions.MasterKey(), new FirstOwnerOptions());
        var name = new Argument<string>("name") { Description = "Its name; clients of Huawei's clouds call it account or domain" };
        var command = new Command("add-project", "Make another project, whose owner sees nothing of the others. A file must not be in use") { name, store, masterKey };
        owner.AddTo(command);
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            var project = parse.GetRequiredValue(name);
            await owner.RunAsync(parse, terminal, project, "keyturn store add-project", async first =>
            {
                await using var open = await Store.OpenAsync(StoreOptions.Where(parse, store), keys, TimeProvider.System, allowAsynchronous: true);
                if (!await first.AddToAsync(open, cancel))
                {
                    throw new CommandFailure(ExitCode.Refused, await open.Principals.FindProjectAsync(project, cancel) is null
                        ? $"Another principal has the e-mail address {first.Principal.Email}."
                        : $"There is a project {project} already.");
                }
            });
            return ExitCode.Done;
        });
        return command;
    }
}
