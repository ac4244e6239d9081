using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Instances;
using Microsoft.Extensions.Logging;

namespace Keyturn.Resets;

/// <summary>
/// Ends the overlaps whose time is over: discards the old passwords that resets have left valid. The time is stored with the account, so that
/// any node does it, whatever has become of the one that kept the password.
/// </summary>
public sealed partial class OldPasswords(IInstanceStore instances, Resetter resetter, TimeProvider clock, ILogger<OldPasswords> logger)
{
    /// <summary>What timed discards are written under.</summary>
    public const string Operation = "keyturn.discard_old";

    /// <summary>How long the others leave an account alone that one has begun with, and the shortest pause after a try that came to nothing.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private const int AtOnce = 4;

    /// <summary>Discards what is due; returns how many there were.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var due = await instances.ListToDiscardAsync(limit: 100, cancel);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel, TaskScheduler = TaskScheduler.Current };
        await Parallel.ForEachAsync(due, options, async (account, _) =>
        {
            try
            {
                await DiscardAsync(account, cancel);
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                // It is due again after its pause; the others go on.
                LogFailed(error, account.Name);
            }
        });
        return due.Count;
    }

    private async ValueTask DiscardAsync(Account account, CancellationToken cancel)
    {
        // Written down before anything is tried: it is the turn of one node, and due again if that one dies.
        if (await instances.FindAnyAsync(account.InstanceId, cancel) is not { } instance || !await instances.TryBeginDiscardAsync(account.Id, PauseOf(account), cancel))
        {
            return;
        }

        if (instance.Status == InstanceStatus.Active)
        {
            var request = new ResetRequest(Caller.Keyturn(instance.ProjectId), instance, account.Name, Operation) { Kind = ResetKind.DiscardOld, Patience = AccountQueue.ShortPatience };
            var outcome = await resetter.RunAsync(request, cancel);
            var state = outcome.Reset?.State.Word() ?? "refused";
            LogDiscarded(account.Name, instance.Name, state, outcome.Refusal?.Error ?? outcome.Reset?.Cause?.Error ?? EngineError.None);
        }
    }

    /// <summary>As long again as it has been due already: a server that is away for a day is not asked a thousand times.</summary>
    private TimeSpan PauseOf(Account account)
    {
        var overdue = clock.GetUtcNow() - (account.Old?.Until ?? clock.GetUtcNow());
        return overdue < ShortestPause ? ShortestPause : overdue > LongestPause ? LongestPause : overdue;
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "The time of the old password of {Account} on {Instance} is over: {State} ({Error})")]
    private partial void LogDiscarded(AccountName account, string instance, string state, EngineError error);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Error, Message = "The old password of {Account} could not be discarded")]
    private partial void LogFailed(Exception error, AccountName account);
}
