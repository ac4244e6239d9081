using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>Whether a replica has come to accept a new password.</summary>
/// <param name="Node">Which.</param>
/// <param name="Accepts">Whether a login there, or its stored verifier where logins are not the proof, showed the new password.</param>
/// <param name="Failure">Why not, when the waiting ended.</param>
public sealed record ReplicaState(Node Node, bool Accepts, Failure? Failure = null);

/// <summary>
/// Waits until the replicas of an instance accept a password that its primary has proved. The reset is done without them: what they show is told
/// beside it, and changes nothing of it.
/// </summary>
public sealed class ReplicaWait(EngineCatalog engines, AdminSessions sessions, FailedLogins failed, TimeProvider clock)
{
    /// <summary>The longest that a caller may wait for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly UncertainLogins _logins = new(engines, sessions, failed, clock);

    /// <summary>Asks the nodes that follow those of the reset, all at once, until each accepts or <paramref name="limit"/> has passed.</summary>
    public async Task<IReadOnlyList<ReplicaState>> RunAsync(Instance instance, ResetRecord done, Secret password, TimeSpan limit, CancellationToken cancel)
    {
        var movesPrimary = instance.PrimaryMoves(engines[instance.Engine].Traits);
        var changed = done.Nodes.Select(node => node.Node.Address).ToHashSet(StringComparer.Ordinal);
        var following = instance.Nodes.Where(node => !changed.Contains(node.Address) && (movesPrimary || node.Role == NodeRole.Replica));
        using var deadline = new Deadline(clock, limit, cancel);
        return await Task.WhenAll(following.Select(node => AwaitAsync(instance, node, done, password, deadline.Token)));
    }

    /// <summary>
    /// Failed logins lock accounts, on replicas too. So the verifier is watched, and a login tried once it is there; where verifiers may not be read, one
    /// login is tried at once, and one in the end if the server locks nobody.
    /// </summary>
    private async Task<ReplicaState> AwaitAsync(Instance instance, Node node, ResetRecord done, Secret password, CancellationToken cancel)
    {
        var account = done.Account;
        var pause = FirstPause;
        while (true)
        {
            var (verdict, failure) = await ReadBackAsync(instance, node, account.Name, password);
            if (verdict == ReadbackVerdict.Matches || (verdict == ReadbackVerdict.Unreadable && failure?.Error.IsUnreachable() != true))
            {
                return account.Proof == ProofMode.Login
                    ? await LogInAsync(instance, node, done, password, mayTryAgain: verdict == ReadbackVerdict.Unreadable && !engines[instance.Engine].Traits.HasFlag(EngineTraits.LocksAccounts), cancel)
                    : new ReplicaState(node, verdict == ReadbackVerdict.Matches, failure);
            }

            if (!await PauseAsync(pause, cancel))
            {
                return new ReplicaState(node, Accepts: false, failure ?? new Failure(EngineError.TimedOut, $"{node} still has another password."));
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Servers that lock nobody out are asked once more in the end, where verifiers may not be read.</summary>
    private async Task<ReplicaState> LogInAsync(Instance instance, Node node, ResetRecord done, Secret password, bool mayTryAgain, CancellationToken cancel)
    {
        var tried = new Credential(done.Account.Name, password);
        var login = await _logins.TryExpectedAsync(instance, node, tried, done.Id.ToString(), CancellationToken.None);
        if (login.Login == Login.WrongPassword && mayTryAgain)
        {
            await PauseAsync(Timeout.InfiniteTimeSpan, cancel);
            login = await _logins.TryAsync(instance, node, tried, CancellationToken.None);
        }

        return new ReplicaState(node, login.Login == Login.Accepted, login.Failure);
    }

    /// <summary>A replica that cannot be asked may be there in a moment; that is no verdict yet.</summary>
    private async Task<(ReadbackVerdict? Verdict, Failure? Failure)> ReadBackAsync(Instance instance, Node node, AccountName account, Secret password)
    {
        var lent = await sessions.LendAtAsync(instance, node, CancellationToken.None);
        if (lent.Value is not { } session)
        {
            return (null, lent.Failure);
        }

        await using (session)
        {
            using var deadline = new Deadline(clock, instance.AnswerLimit);
            var readback = await session.Session.ReadBackAsync(account, password, deadline.Token);
            return (readback.Verdict, readback.Failure);
        }
    }

    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(pause, clock, cancel);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
