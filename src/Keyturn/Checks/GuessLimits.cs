using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;
using Keyturn.Instances;

namespace Keyturn.Checks;

/// <summary>So many wrong passwords were given lately, about one thing or by one.</summary>
/// <param name="Key">About what, or by whom.</param>
/// <param name="Failures">How many since the last quiet day.</param>
/// <param name="LastAt">When the last one was given, by the store's clock.</param>
public sealed record GuessCounter(string Key, long Failures, DateTimeOffset LastAt);

/// <summary>Counters of wrong passwords, which all nodes share.</summary>
public interface IGuessStore
{
    /// <summary>After so long without another one, nothing is known any more.</summary>
    static readonly TimeSpan QuietTime = TimeSpan.FromDays(1);

    /// <summary>The counters there are of these keys, and the store's time.</summary>
    ValueTask<(IReadOnlyList<GuessCounter> Counters, DateTimeOffset Now)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>Counts one more for each of the keys.</summary>
    ValueTask CountAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>Forgets what was counted for the key.</summary>
    ValueTask ForgetAsync(string key, CancellationToken cancel);
}

/// <summary>
/// Keeps passwords from being guessed by checks, adoptions, registrations and sign-ins: some wrong ones are free, then each costs a pause twice as long as the one before.
/// Counted are wrong passwords for an account, on an instance, by a caller and from an address, by all nodes together. Tries that run at the same time are
/// few, so that they do not get around it.
/// </summary>
/// <remarks>A pause refuses right passwords too: else it would tell them. The counters of accounts are of hashed names, since people type passwords there.</remarks>
public sealed class GuessLimits(IGuessStore store)
{
    /// <summary>So many at once, on one node, where no wrong one is known yet.</summary>
    private const int AtOnce = 32;

    private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal);

    private IGuessStore Store => store;

    /// <summary>
    /// For a password of an account of a database. Its host is left out: a login names none, and each that is named would be a new start. By the user alone too, since some servers
    /// of MongoDB's protocol know one name space only; that count is not forgotten for a right password of another database's.
    /// </summary>
    public ValueTask<Guess> BeginAsync(Caller caller, Instance instance, AccountName account, CancellationToken cancel) => BeginAsync(
        [
            new Limit($"account:{Hash($"{instance.Id} {account with { Host = null }}")}", Limit.Narrow),
            new Limit($"user:{Hash($"{instance.Id} {account.User}")}", Limit.Middle),
            new Limit($"instance:{instance.Id:N}", Limit.Wide), new Limit($"caller:{caller.PrincipalId:N}", Limit.Middle), Source(caller.Source),
        ],
        cancel);

    /// <summary>For an admin login that an instance is registered with: each of its servers says whether the password is right.</summary>
    public ValueTask<Guess> BeginRegistrationAsync(Caller caller, IReadOnlyList<Node> nodes, AccountName admin, CancellationToken cancel) => BeginAsync(
        [.. nodes.Select(node => $"{node.Host.TrimEnd('.').ToLowerInvariant()}:{node.Port}").Distinct(StringComparer.Ordinal).Select(server => new Limit($"admin:{Hash($"{server} {admin with { Host = null }}")}", Limit.Narrow)), new Limit($"caller:{caller.PrincipalId:N}", Limit.Middle), Source(caller.Source)],
        cancel);

    /// <summary>For a password that somebody signs in with.</summary>
    /// <param name="user">Whoever is named, known or not.</param>
    /// <param name="source">Address of the client.</param>
    /// <param name="cancel">Gives up.</param>
    public ValueTask<Guess> BeginSignInAsync(string user, string source, CancellationToken cancel) =>
        BeginAsync([new Limit($"sign-in:{Hash(user)}", Limit.Narrow), new Limit($"sign-in-source:{SourceNetwork.Of(source)}", Limit.Middle)], cancel);

    /// <summary>The refusal of a guess that has to wait.</summary>
    internal static Refusal Refuse(Guess guess) => new(RefusalReason.TooManyGuesses, $"Too many wrong passwords were given: the next one is tried in {Math.Ceiling(guess.Wait.TotalSeconds)} s.")
    {
        RetryAfter = guess.Wait,
    };

    private async ValueTask<Guess> BeginAsync(IReadOnlyList<Limit> limits, CancellationToken cancel)
    {
        var (counters, now) = await store.ReadAsync([.. limits.Select(limit => limit.Key)], cancel);
        var known = counters.Where(counter => now - counter.LastAt < IGuessStore.QuietTime).ToDictionary(counter => counter.Key, StringComparer.Ordinal);
        var wait = limits.Max(limit => known.TryGetValue(limit.Key, out var counter) ? counter.LastAt + limit.Pause(counter.Failures) - now : TimeSpan.Zero);
        if (wait > TimeSpan.Zero)
        {
            return new Guess(wait);
        }

        // Of everything that is guessed at: of a registration's nodes the first may be the caller's own.
        var begun = new List<string>();
        foreach (var key in limits.Where(limit => limit.Rule == Limit.Narrow).Select(limit => limit.Key))
        {
            var failures = known.GetValueOrDefault(key)?.Failures ?? 0;
            begun.Add(key);
            if (_running.AddOrUpdate(key, 1, (_, running) => running + 1) > (failures == 0 ? AtOnce : Math.Max(1, Limit.Narrow.Free - failures)))
            {
                begun.ForEach(End);
                return new Guess(TimeSpan.FromSeconds(1));
            }
        }

        return new Guess(TimeSpan.Zero)
        {
            Limits = this,
            Keys = [.. limits.Select(limit => limit.Key).Order(StringComparer.Ordinal)],
            Running = begun,
            HadFailures = known.ContainsKey(limits[0].Key),
        };
    }

    // Apart from those who sign in: behind a proxy all have one address, and anybody at all may try to.
    private static Limit Source(string source) => new($"source:{SourceNetwork.Of(source)}", Limit.Middle);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    private void End(string key)
    {
        if (_running.AddOrUpdate(key, 0, (_, running) => running - 1) <= 0)
        {
            _running.TryRemove(new KeyValuePair<string, int>(key, 0));
        }
    }

    /// <summary>One try; it is over when it is disposed of.</summary>
    public sealed class Guess : IDisposable
    {
        internal Guess(TimeSpan wait) => Wait = wait;

        /// <summary>It is not to be tried before; zero where it may be tried now.</summary>
        public TimeSpan Wait { get; }

        internal GuessLimits? Limits { get; init; }

        internal IReadOnlyList<string> Keys { get; init; } = [];

        /// <summary>Those that are guessed at. The first is what is known to be right, if it is.</summary>
        internal List<string> Running { get; init; } = [];

        internal bool HadFailures { get; init; }

        /// <summary>It was wrong. Written down also when the caller has hung up: that would be a way around it.</summary>
        public ValueTask WasWrongAsync() => Limits!.Store.CountAsync(Keys, CancellationToken.None);

        /// <summary>It was right: what was counted for the account is forgotten, what was counted for the caller and the address is not.</summary>
        public ValueTask WasRightAsync() => HadFailures ? Limits!.Store.ForgetAsync(Running[0], CancellationToken.None) : default;

        /// <inheritdoc/>
        public void Dispose() => Running.ForEach(key => Limits!.End(key));
    }

    private sealed record Rule(int Free, TimeSpan Most);

    private sealed record Limit(string Key, Rule Rule)
    {
        /// <summary>For what is guessed at.</summary>
        public static readonly Rule Narrow = new(5, TimeSpan.FromMinutes(10));

        /// <summary>For who guesses: one wrong password for each of many accounts.</summary>
        public static readonly Rule Middle = new(50, TimeSpan.FromMinutes(1));

        /// <summary>For an instance, which many may ask about.</summary>
        public static readonly Rule Wide = new(500, TimeSpan.FromSeconds(5));

        /// <summary>How long after the last wrong one.</summary>
        public TimeSpan Pause(long failures) => failures < Rule.Free ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(failures - Rule.Free, 40)), Rule.Most.TotalSeconds));
    }
}
