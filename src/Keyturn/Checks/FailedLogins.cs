using System.Security.Cryptography;
using System.Text;
using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Checks;

/// <summary>
/// Failed logins of Keyturn's own, which servers count against an account as anybody's: at most one a minute for an account on a node, by all nodes of Keyturn
/// together. A login that there is reason to expect to succeed (the server has just taken the password, or its verifier is that password's) is not held up by an
/// earlier one that was a guess, and is itself not made again for a minute once it was refused.
/// </summary>
public sealed class FailedLogins(IGuessStore store)
{
    /// <summary>From one refused login to the next try.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>How long a login must wait; zero where it may be made now.</summary>
    /// <param name="instance">Where.</param>
    /// <param name="node">At which node.</param>
    /// <param name="account">As whom.</param>
    /// <param name="expectation">Names what makes this password the expected one, such as the reset that has set it; null where it may be wrong.</param>
    /// <param name="cancel">Gives up.</param>
    public async ValueTask<TimeSpan> WaitAsync(Instance instance, Node node, AccountName account, string? expectation, CancellationToken cancel)
    {
        var (counters, now) = await store.ReadAsync([Key(instance, node, account, expectation)], cancel);
        var wait = counters is [var last] ? last.LastAt + Pause - now : TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>The server has refused one. Written down also when whoever asked for it has gone.</summary>
    public ValueTask CountAsync(Instance instance, Node node, AccountName account, string? expectation) => store.CountAsync(
        [.. new[] { Key(instance, node, account, expectation: null), Key(instance, node, account, expectation) }.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        CancellationToken.None);

    /// <summary>What is told in place of a login that has to wait.</summary>
    internal static Failure HeldBack(EngineError error, string what, TimeSpan wait) => new(
        error, $"{what} was refused less than a minute ago, and refused logins lock accounts: the next one is tried in {Math.Ceiling(wait.TotalSeconds)} s.");

    // Without a host: a login is by the user alone, and of many rows it is one that the server counts against.
    private static string Key(Instance instance, Node node, AccountName account, string? expectation) =>
        $"own:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{instance.Id} {node.Address} {account with { Host = null }} {expectation}")).AsSpan(0, 16))}";
}
