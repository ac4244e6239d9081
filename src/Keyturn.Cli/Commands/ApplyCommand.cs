using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Fleet;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn apply</c></summary>
internal sealed class ApplyCommand
{
    private const string StandardInput = "-";

    /// <summary>More are not read by anybody; how many there are is told.</summary>
    private const int MaxFaultsTold = 100;

    private readonly Option<string[]> _files = new("--file", "-f") { Description = "YAML or JSON file that describes the fleet, once for each; - reads standard input", HelpName = "FILE", Required = true };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Show what is other than the file says, and end with 5 if anything is; change nothing" };
    private readonly Confirmation _confirmation = new();

    public static Command Create(ClientOptions client)
    {
        var apply = new ApplyCommand();
        var command = client.AddTo(new Command("apply", "Make instances and accounts what a file says; changes no password, and nothing on the servers") { apply._files, apply._dryRun });
        apply._confirmation.AddTo(command);
        client.SetAction(command, apply.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var fleet = await ReadAsync(parse.GetRequiredValue(_files), session.Terminal, cancel);
        EndIfAny(fleet.Faults, session.Terminal);
        var registered = await Registered.ReadAsync(session, cancel);
        var plans = Planner.Make(fleet.Instances, registered);
        var isDryRun = parse.GetValue(_dryRun);
        var passwords = new AdminPasswords(session.Terminal);
        await new PlanCheck(session, fleet.Faults).RunAsync(plans, registered, cancel);
        await passwords.ReadAsync(plans, fleet.Faults, mayAsk: isDryRun || session.Terminal.IsInteractive, cancel);
        EndIfAny(fleet.Faults, session.Terminal);
        if (!session.IsJson)
        {
            session.Terminal.WritePlan(plans);
        }

        if (isDryRun || plans.All(plan => plan.IsUnchanged))
        {
            WriteJson(session, plans, []);
            return plans.All(plan => plan.IsUnchanged) ? ExitCode.Done : ExitCode.Differs;
        }

        await _confirmation.AskAsync(parse, session.Terminal, "Do this?", cancel);
        await passwords.AskAsync(plans, cancel);
        return await RunAsync(session, plans, passwords, cancel);
    }

    private static async Task<ExitCode> RunAsync(Session session, IReadOnlyList<InstancePlan> plans, AdminPasswords passwords, CancellationToken cancel)
    {
        var run = new PlanRun(session, passwords, outcome => Tell(session, outcome));
        var lost = ExitCode.Done;
        try
        {
            await run.RunAsync(plans, cancel);
        }
        catch (CommandFailure failure)
        {
            // Keyturn itself does not answer any more. What was done is told, and stays; the same command goes on from there.
            session.Terminal.Error.WriteLine($"keyturn: {failure.Message}");
            session.Terminal.Error.WriteLine("keyturn: what comes after it was not tried; the same command again does what is left.");
            lost = failure.ExitCode;
        }

        WriteJson(session, plans, run.Outcomes);
        return Worst([.. run.Outcomes.Select(outcome => outcome.Code), lost]);
    }

    /// <summary>What is not known comes before what was refused, and that before what could not be asked.</summary>
    private static ExitCode Worst(IReadOnlyList<ExitCode> codes) =>
        new[] { ExitCode.Undecided, ExitCode.Refused, ExitCode.Unreachable }.FirstOrDefault(codes.Contains, ExitCode.Done);

    private static void Tell(Session session, Outcome outcome)
    {
        var line = Printable.Of($"{outcome.Name}: {outcome.Word}{(outcome.Reason is { } reason ? $": {reason}" : "")}");
        if (outcome.Code != ExitCode.Done)
        {
            session.Terminal.Error.WriteLine($"keyturn: {line}");
        }
        else if (!session.IsJson)
        {
            session.Terminal.Out.WriteLine(line);
        }
    }

    private static void WriteJson(Session session, IReadOnlyList<InstancePlan> plans, IReadOnlyList<Outcome> outcomes)
    {
        if (session.IsJson)
        {
            session.WriteJson(new JsonObject
            {
                ["instances"] = new JsonArray([.. plans.Select(PlanView.Json)]),
                ["outcomes"] = new JsonArray([.. outcomes.Select(outcome => outcome.Json())]),
            });
        }
    }

    private static async Task<FleetReader> ReadAsync(string[] files, Terminal terminal, CancellationToken cancel)
    {
        var fleet = new FleetReader();
        foreach (var file in files.Distinct(StringComparer.Ordinal))
        {
            if (file == StandardInput)
            {
                fleet.Read("standard input", Directory.GetCurrentDirectory(), await InputFile.ReadBytesAsync(terminal.In, YamlReader.MaxBytes + 1, cancel));
            }
            else
            {
                fleet.Read(file, Path.GetDirectoryName(Path.GetFullPath(file))!, await InputFile.ReadBytesAsync(file, YamlReader.MaxBytes + 1, cancel));
            }
        }

        return fleet;
    }

    /// <exception cref="CommandFailure">There are some: nothing is done.</exception>
    private static void EndIfAny(List<Fault> faults, Terminal terminal)
    {
        foreach (var fault in faults.Take(MaxFaultsTold))
        {
            terminal.Error.WriteLine(Printable.Of($"keyturn: {fault.At}: {fault.Sentence}"));
        }

        if (faults.Count > 0)
        {
            throw CommandFailure.Usage($"nothing was changed: {(faults.Count == 1 ? "one fault is" : $"{faults.Count} faults are")} to be mended first.");
        }
    }
}
