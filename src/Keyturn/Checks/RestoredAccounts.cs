using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Instances;
using Microsoft.Extensions.Logging;

namespace Keyturn.Checks;

/// <summary>
/// Verifies accounts that were restored from a backup, so that their passwords are served again. Failed logins lock accounts: there is one
/// try an account, and another only where the server could not be asked.
/// </summary>
public sealed partial class RestoredAccounts(IInstanceStore instances, Verifier verifier, ILogger<RestoredAccounts> logger)
{
    /// <summary>When a server that could not be asked is asked again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private const int AtOnce = 4;

    /// <summary>Verifies those whose turn it is; returns how many there were.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var due = await instances.ListToProbeAsync(limit: 100, cancel);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(due, options, async (account, _) => await VerifyAsync(account, cancel));
        return due.Count;
    }

    private async ValueTask VerifyAsync(Account account, CancellationToken cancel)
    {
        // Written down before the login: whatever becomes of this process, there is no second one.
        if (await instances.FindAnyAsync(account.InstanceId, cancel) is not { } instance || !await instances.TryBeginProbeAsync(account.Id, cancel))
        {
            return;
        }

        var outcome = await verifier.VerifyAsync(Caller.Keyturn(instance.ProjectId), instance, account.Name, cancel);
        if (WasNotAsked(outcome))
        {
            await instances.ProbeLaterAsync(account.Id, Pause, cancel);
            return;
        }

        LogProbed(account.Name, instance.Name, outcome.Verdict, outcome.Failure?.Error ?? EngineError.None);
    }

    private static bool WasNotAsked(VerifyOutcome outcome) =>
        outcome is { Refusal.Reason: RefusalReason.Busy or RefusalReason.InstanceFrozen or RefusalReason.InstanceStatus }
        || (outcome is { Verdict: Verdict.Undecided, Failure: { } failure } && failure.Error.IsUnreachable());

    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "Restored account {Account} of {Instance}: {Verdict} ({Error})")]
    private partial void LogProbed(AccountName account, string instance, Verdict? verdict, EngineError error);
}
