using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>Whether the rows mean something to this program: settings and words are read, and every text that is sealed is opened.</summary>
/// <param name="session">One snapshot of the store.</param>
/// <param name="keys">The keys that opened; null leaves the seals alone.</param>
/// <param name="findings">Where what is damaged is added.</param>
internal sealed class RowCheck(StoreSession session, KeyRing? keys, List<StoreFinding> findings)
{
    private const long PageSize = 500;

    public async ValueTask RunAsync()
    {
        await TryAsync("instances", InstancesAsync);
        await TryAsync("accounts", () => new AccountCheck(session, keys, findings).RunAsync());
        await TryAsync("credentials", CredentialsAsync);
        await TryAsync("resets", ResetsAsync);
    }

    private async ValueTask InstancesAsync()
    {
        foreach (var (id, name) in await session.QueryAsync("SELECT id, name FROM instances ORDER BY id", row => (row.Id(0), row.GetString(1))))
        {
            await TryAsync($"instance {name} ({id})", async () =>
            {
                var instance = (await InstanceRows.FindAsync(session, id))!;
                await RequireAdminAsync(instance.Instance);
                TryOpen($"instance {name} ({id})", instance.ClientKey, SealContext.ClientKey(id, instance.Instance.Revision));
            });
        }
    }

    private async ValueTask RequireAdminAsync(Instance instance)
    {
        var admin = await AccountRows.FindAsync(session, instance.Id, instance.Admin);
        if (admin is null || !await session.AnyAsync("SELECT 1 FROM secrets WHERE account_id = $account AND state IN ('Pending', 'Current')", ("$account", admin.Id)))
        {
            findings.Add(new StoreFinding($"instance {instance.Name} ({instance.Id})", $"There is no password of its admin login {instance.Admin}."));
        }
    }

    private async ValueTask CredentialsAsync()
    {
        var page = new List<CredentialSeal>();
        for (var after = Guid.Empty; (page = await CredentialsAsync(after)).Count > 0; after = page[^1].Id)
        {
            foreach (var credential in page)
            {
                var where = $"credential {credential.Id} of principal {credential.Principal}";
                await TryAsync(where, () =>
                {
                    ScopesColumn.Read(credential.Scopes);
                    TryOpen(where, credential.SecretKey, SealContext.SecretKey(credential.Id));
                    return ValueTask.CompletedTask;
                });
            }
        }
    }

    private ValueTask<List<CredentialSeal>> CredentialsAsync(Guid after) => session.QueryAsync(
        """
        SELECT c.id, p.name, c.scopes, c.data_key_id, c.box FROM credentials c JOIN principals p ON p.id = c.principal_id
        WHERE c.id > $after ORDER BY c.id LIMIT $limit
        """,
        row => new CredentialSeal(row.Id(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : new SealedText(row.GetInt64(3), row.Bytes(4))),
        ("$after", after), ("$limit", PageSize));

    /// <summary>What has ended is shown only; of what has not, recovery must be able to read everything.</summary>
    private async ValueTask ResetsAsync()
    {
        await RequireWordsAsync<EngineError>("resets", "cause_error");
        await RequireWordsAsync<EngineError>("reset_nodes", "error");
        await RequireWordsAsync<NodeStep>("reset_nodes", "step");
        await RequireWordsAsync<NodeRole>("reset_nodes", "role");
        await RequireWordsAsync<ProofMode>("reset_nodes", "proof");
        foreach (var id in await session.QueryAsync("SELECT id FROM resets WHERE state IN ('Prepared', 'Undecided', 'Parked') ORDER BY number", row => row.Id(0)))
        {
            await TryAsync($"reset {id}", async () =>
            {
                if ((await ResetRows.FindAsync(session, id))!.Nodes.Count == 0)
                {
                    findings.Add(new StoreFinding($"reset {id}", "It has no node: where its change was sent is not known."));
                }
            });
        }
    }

    private async ValueTask RequireWordsAsync<TEnum>(string table, string column)
        where TEnum : struct, Enum
    {
        var words = await session.QueryAsync($"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL", row => row.GetString(0));
        findings.AddRange(words.Where(word => !Enum.TryParse<TEnum>(word, out _)).Select(word => new StoreFinding($"table {table}", $"\"{word}\" is no {column} that this program knows.")));
    }

    private void TryOpen(string where, SealedText? text, SealContext context)
    {
        if (text is { } present)
        {
            keys?.TryOpen(where, present, context, findings);
        }
    }

    /// <summary>What is damaged may throw anything; the rest is looked at nevertheless.</summary>
    private async ValueTask TryAsync(string where, Func<ValueTask> check)
    {
        try
        {
            await check();
        }
        catch (Exception e)
        {
            findings.Add(new StoreFinding(where, $"It cannot be read: {e.Message}"));
        }
    }

    private sealed record CredentialSeal(Guid Id, string Principal, string Scopes, SealedText? SecretKey);
}
