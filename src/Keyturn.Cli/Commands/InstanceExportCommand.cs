using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Fleet;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance export</c></summary>
internal static class InstanceExportCommand
{
    private const string Head =
        """
        # What Keyturn has registered. It holds no secret: to register an instance from it where there is none of its name, add to its admin
        # password_file or password_env, and to a tls with a client_certificate its client_key_file.
        """;

    public static Command Create(ClientOptions client)
    {
        var names = new Argument<string[]>("NAME") { Description = "Instances [all]", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("export", "Print what is registered, accounts included, as a file for keyturn apply; holds no secret") { names };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var registered = await Registered.ReadAsync(session, cancel);
            var asked = parse.GetValue(names) ?? [];
            var missing = asked.FirstOrDefault(name => registered.Find(name) is null);
            if (missing is not null)
            {
                throw new CommandFailure(ExitCode.Refused, $"there is no instance {missing}.");
            }

            Write(session, FleetExport.Of(asked.Length > 0 ? asked.Distinct().Select(name => registered.Find(name)!.Value) : registered.Instances, registered));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(Session session, JsonObject fleet)
    {
        if (session.IsJson)
        {
            session.WriteJson(fleet);
            return;
        }

        session.Terminal.Out.WriteLine(Head);
        new YamlWriter(session.Terminal.Out).Write(fleet);
    }
}
