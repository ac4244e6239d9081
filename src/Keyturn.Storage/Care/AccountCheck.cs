using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>Whether each account has the versions that its resets speak of, and whether these open.</summary>
internal sealed class AccountCheck(StoreSession session, KeyRing? keys, List<StoreFinding> findings)
{
    private const long PageSize = 500;

    private readonly Dictionary<Guid, string> _instances = [];

    public async ValueTask RunAsync()
    {
        foreach (var (id, name) in await session.QueryAsync("SELECT id, name FROM instances", row => (row.Id(0), row.GetString(1))))
        {
            _instances[id] = name;
        }

        var page = new List<Account>();
        for (var after = Guid.Empty; (page = await PageAsync(after)).Count > 0; after = page[^1].Id)
        {
            await RunAsync(page);
        }
    }

    private async ValueTask RunAsync(List<Account> page)
    {
        try
        {
            var versions = (await VersionsAsync(page[0].Id, page[^1].Id)).ToLookup(version => version.AccountId);
            var unsettled = (await UnsettledAsync(page[0].Id, page[^1].Id)).ToLookup(reset => reset.AccountId);
            page.ForEach(account => Look(account, [.. versions[account.Id]], [.. unsettled[account.Id]]));
        }
        catch (Exception) when (page.Count > 1)
        {
            // A damaged page of the file: one at a time, so that those it concerns are named.
            foreach (var account in page)
            {
                await RunAsync([account]);
            }
        }
        catch (Exception e)
        {
            findings.Add(new StoreFinding(NameOf(page[0]), $"Its versions cannot be read: {e.Message}"));
        }
    }

    private void Look(Account account, List<VersionRow> versions, List<UnsettledRow> unsettled)
    {
        var name = NameOf(account);
        foreach (var state in new[] { SecretState.Current, SecretState.Pending }.Where(state => versions.Count(version => version.Secret.State == state) > 1))
        {
            findings.Add(new StoreFinding(name, $"It has more than one {state.ToString().ToLowerInvariant()} version."));
        }

        var pending = versions.Find(version => version.Secret.State == SecretState.Pending)?.Secret;
        foreach (var reset in unsettled.Where(reset => !reset.DiscardsOld && pending?.Version != reset.Version))
        {
            findings.Add(new StoreFinding(name, $"Reset {reset.Id} is not settled, and version {reset.Version}, which it makes, is not kept as pending."));
        }

        if (pending is not null && unsettled.Count == 0)
        {
            findings.Add(new StoreFinding(name, $"Version {pending.Version} is pending, and no reset is making it the password."));
        }

        foreach (var (_, secret) in versions)
        {
            keys?.TryOpen($"{name}, version {secret.Version} ({secret.State.ToString().ToLowerInvariant()})", secret.Text, SealContext.Password(account.Id, secret.Version), findings);
        }
    }

    private string NameOf(Account account) => $"account {account.Name} of instance {_instances.GetValueOrDefault(account.InstanceId, "that is gone")} ({account.Id})";

    private ValueTask<List<Account>> PageAsync(Guid after) => session.QueryAsync(
        $"SELECT {AccountRows.Columns} FROM accounts a WHERE a.id > $after ORDER BY a.id LIMIT $limit",
        row => AccountRows.Read(row),
        ("$after", after), ("$limit", PageSize));

    private ValueTask<List<VersionRow>> VersionsAsync(Guid first, Guid last) => session.QueryAsync(
        $"SELECT {SecretRows.Columns}, account_id FROM secrets WHERE account_id >= $first AND account_id <= $last",
        row => new VersionRow(row.Id(6), SecretRows.Read(row)),
        ("$first", first), ("$last", last));

    private ValueTask<List<UnsettledRow>> UnsettledAsync(Guid first, Guid last) => session.QueryAsync(
        $"""
        SELECT account_id, id, version, discards_old FROM resets
        WHERE account_id >= $first AND account_id <= $last AND (state IN ('Prepared', 'Undecided') OR ({ResetRows.IsParked}))
        """,
        row => new UnsettledRow(row.Id(0), row.Id(1), row.GetInt32(2), row.Flag(3)),
        ("$first", first), ("$last", last));

    private sealed record VersionRow(Guid AccountId, SealedSecret Secret);

    private sealed record UnsettledRow(Guid AccountId, Guid Id, int Version, bool DiscardsOld);
}
