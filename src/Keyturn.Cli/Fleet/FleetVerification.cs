using System.Collections.Concurrent;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Commands;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What verify found of one account.</summary>
/// <param name="Account">Which.</param>
/// <param name="Verdict"><c>verified</c>, <c>drifted</c> or <c>no-verdict</c>.</param>
/// <param name="Reason">Why it is not verified, and what to do.</param>
internal sealed record AccountVerdict(AccountAddress Account, string Verdict, string Reason)
{
    public const string Verified = "verified";
    public const string Drifted = "drifted";
    public const string None = "no-verdict";
}

/// <summary>
/// Verifies many accounts, a few at once and fewer of them on one instance: each is a login on its server. An account is asked for once.
/// </summary>
/// <param name="session">The server.</param>
/// <param name="atOnce">How many at once, of all instances.</param>
/// <param name="tell">Is told of each verdict, one at a time.</param>
internal sealed class FleetVerification(Session session, int atOnce, Action<AccountVerdict> tell)
{
    /// <summary>On one instance: a server has other things to do, and some have few connections to spare.</summary>
    private const int PerInstance = 4;

    private readonly ConcurrentQueue<AccountVerdict> _verdicts = new();
    private readonly Lock _telling = new();
    private CommandFailure? _failure;

    public IReadOnlyList<AccountVerdict> Verdicts => [.. _verdicts];

    /// <exception cref="CommandFailure">Keyturn does not answer any more, or the person has enough; what is known by then stands in <see cref="Verdicts"/>.</exception>
    public async Task RunAsync(IReadOnlyList<AccountAddress> accounts, CancellationToken cancel)
    {
        using var slots = new SemaphoreSlim(atOnce);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var instances = accounts.GroupBy(account => account.Instance, StringComparer.Ordinal).Select(group => VerifyAsync(group, slots, stop));
        try
        {
            await Task.WhenAll(instances);
        }
        catch (Exception e) when (e is OperationCanceledException or CommandFailure)
        {
            throw _failure ?? new CommandFailure(ExitCode.Undecided, "interrupted.", e);
        }
    }

    private async Task VerifyAsync(IEnumerable<AccountAddress> accounts, SemaphoreSlim slots, CancellationTokenSource stop) =>
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(PerInstance, atOnce), CancellationToken = stop.Token }, async (account, cancel) =>
        {
            await slots.WaitAsync(cancel);
            try
            {
                Tell(await VerifyAsync(account, cancel));
            }
            catch (CommandFailure failure)
            {
                // Without Keyturn none of the others has an answer either, and theirs would be that they were interrupted.
                Interlocked.CompareExchange(ref _failure, failure, null);
                await stop.CancelAsync();
                throw;
            }
            finally
            {
                slots.Release();
            }
        });

    private async Task<AccountVerdict> VerifyAsync(AccountAddress account, CancellationToken cancel)
    {
        var request = new ApiRequest(HttpMethod.Post, account.Path("verify"), $"Logging in as {account.Name}") { Changes = false };
        var answer = await session.SendQuietlyAsync(request, cancel);
        return answer.IsSuccess ? VerdictOf(account, answer.Body) : new AccountVerdict(account, AccountVerdict.None, new Problem(answer.Status, answer.Body).Line());
    }

    private static AccountVerdict VerdictOf(AccountAddress account, JsonElement body)
    {
        var detail = string.Join(' ', new[] { body.Text("detail"), body.Text("next_step") }.Where(text => text.Length > 0));
        return body.Text("verdict") switch
        {
            "verified" => new AccountVerdict(account, AccountVerdict.Verified, ""),
            "restored" => new AccountVerdict(account, AccountVerdict.Verified, $"version {body.Text("version")} turned out to be in force, and is the current one again"),
            "drifted" => new AccountVerdict(account, AccountVerdict.Drifted, detail),
            _ => new AccountVerdict(account, AccountVerdict.None, detail),
        };
    }

    private void Tell(AccountVerdict verdict)
    {
        lock (_telling)
        {
            _verdicts.Enqueue(verdict);
            tell(verdict);
        }
    }
}
