using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Fleet;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn verify</c></summary>
internal sealed class VerifyCommand
{
    private const int DefaultParallel = 16;
    private const int MaxParallel = 128;

    private readonly Option<bool> _all = new("--all") { Description = "Of all instances" };
    private readonly Option<string[]> _instances = new("--instance") { Description = "Of this instance only, once for each", HelpName = "NAME" };
    private readonly Option<int> _parallel = new("--parallel") { Description = $"How many at once, of one instance at most 4 [{DefaultParallel}]", HelpName = "N", DefaultValueFactory = _ => DefaultParallel };

    public static Command Create(ClientOptions client)
    {
        var verify = new VerifyCommand();
        var command = client.AddTo(new Command("verify", "Say of every account whether the database accepts the password that Keyturn holds") { verify._all, verify._instances, verify._parallel });
        client.SetAction(command, verify.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var (instances, parallel) = (parse.GetValue(_instances) ?? [], parse.GetValue(_parallel));
        if (parse.GetValue(_all) == instances.Length > 0)
        {
            throw CommandFailure.Usage("either give --all, or name instances with --instance.");
        }

        if (parallel is < 1 or > MaxParallel)
        {
            throw CommandFailure.Usage($"--parallel is 1 to {MaxParallel}.");
        }

        var accounts = await AccountsAsync(session, instances, cancel);
        var progress = new VerificationProgress(session.Terminal, accounts.Count);
        var verification = new FleetVerification(session, parallel, progress.Tell);
        var failure = await RunAsync(verification, accounts, progress, cancel);
        var report = new VerificationReport(verification.Verdicts, accounts.Count);
        Write(session, report);
        if (failure is not null)
        {
            session.Terminal.Error.WriteLine($"keyturn: {failure.Message} This is what was known by then.");
        }

        return report.ExitCode == ExitCode.Refused ? ExitCode.Refused : failure?.ExitCode ?? report.ExitCode;
    }

    /// <summary>Why it was cut short; null when it was not.</summary>
    private static async Task<CommandFailure?> RunAsync(FleetVerification verification, IReadOnlyList<AccountAddress> accounts, VerificationProgress progress, CancellationToken cancel)
    {
        try
        {
            await progress.WhileAsync(() => verification.RunAsync(accounts, cancel));
            return null;
        }
        catch (CommandFailure failure)
        {
            return cancel.IsCancellationRequested ? new CommandFailure(ExitCode.Undecided, "interrupted.", failure) : failure;
        }
    }

    private static async Task<IReadOnlyList<AccountAddress>> AccountsAsync(Session session, string[] instances, CancellationToken cancel)
    {
        var registered = await Registered.ReadAsync(session, cancel);
        if (instances.FirstOrDefault(name => registered.Find(name) is null) is { } missing)
        {
            throw new CommandFailure(ExitCode.Refused, $"there is no instance {missing}.");
        }

        var asked = instances.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. registered.Accounts
                .Where(account => account.Text("has_password") == "yes" && (asked.Count == 0 || asked.Contains(account.Text("instance"))))
                .Select(account => (Instance: account.Text("instance"), Key: Registered.KeyOf(account)))
                .Select(account => new AccountAddress(account.Instance, account.Key.User, account.Key.Host, account.Key.AuthDatabase)),
        ];
    }

    private static void Write(Session session, VerificationReport report)
    {
        if (session.IsJson)
        {
            session.WriteJson(report.Json());
        }
        else
        {
            report.Write(session.Terminal);
        }
    }
}
