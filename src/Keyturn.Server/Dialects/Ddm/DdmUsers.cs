using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Accounts as DDM has them: one per name, whatever rows the user has.</summary>
internal sealed class DdmUsers(Roster roster, IResetStore resets)
{
    private const int ResetsLookedAt = 10;

    /// <summary>An account, with the times that Keyturn knows of.</summary>
    public sealed record Shown(string Name, IReadOnlyList<AccountRole> Rights, DateTimeOffset? CreatedAt, DateTimeOffset? ChangedAt);

    /// <summary>An account of the server's: what it may do, and what Keyturn holds of it.</summary>
    public sealed record Listed(string Name, IReadOnlyList<AccountRole> Rights, Account? Held);

    /// <summary>All accounts with a password, of every node, by name.</summary>
    public async ValueTask<Answer<IReadOnlyList<Listed>>> ListAsync(Instance instance, CancellationToken cancel)
    {
        var listed = await roster.ListAsync(instance, cancel);
        return listed.Value is { } lines
            ? Answer.Of<IReadOnlyList<Listed>>(
            [
                .. lines.Where(line => line.Row is { ByPassword: true })
                    .GroupBy(line => line.Name.User, StringComparer.Ordinal)
                    .OrderBy(rows => rows.Key, StringComparer.Ordinal)
                    .Select(rows => new Listed(rows.Key, [.. rows.SelectMany(row => row.Row!.Roles)], rows.Select(row => row.Held).FirstOrDefault(held => held is not null))),
            ])
            : listed.Failure!;
    }

    /// <summary>One account as it is shown. When a password was changed is known of those that Keyturn has changed.</summary>
    public async ValueTask<Shown> ShowAsync(Listed user, CancellationToken cancel)
    {
        if (user.Held is not { } held)
        {
            return new Shown(user.Name, user.Rights, CreatedAt: null, ChangedAt: null);
        }

        var made = await resets.ListAsync(held.InstanceId, held.Id, ResetsLookedAt, cancel);
        return new Shown(user.Name, user.Rights, held.CreatedAt, made.FirstOrDefault(reset => reset.State == ResetState.Done)?.EndedAt);
    }

    /// <summary>Whether there is an account of that name on any node; a failure where one cannot be asked.</summary>
    public async ValueTask<(bool Exists, Failure? Failure)> FindAsync(Instance instance, string user, CancellationToken cancel)
    {
        var inspected = await roster.InspectAsync(instance, new AccountName(user), cancel);
        return (inspected.Value?.Exists ?? false, inspected.Failure);
    }
}
