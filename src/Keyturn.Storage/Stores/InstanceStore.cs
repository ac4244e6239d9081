using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Instances and their accounts.</summary>
internal sealed class InstanceStore(IStoreDatabase database, KeyRing keys) : IInstanceStore
{
    public async ValueTask<RegistrationResult> AddAsync(Instance instance, Account admin, Secret adminPassword, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockRegistrationsAsync();
            if (await InstanceRows.FindCollisionAsync(session, instance) is { } collision)
            {
                return collision;
            }

            var now = await session.NowAsync();
            await InstanceRows.InsertAsync(session, keys, instance);
            await AccountRows.InsertAsync(session, admin);
            await SecretRows.AddAsync(session, keys, admin.Id, adminPassword, SecretState.Current, resetId: null, now);
            await AuditRows.AppendAsync(session, audit, now);
            return RegistrationResult.Stored;
        });
    }

    public ValueTask<RegistrationResult> ReplaceAsync(Instance instance, AuditEntry audit, CancellationToken cancel) =>
        WriteReplacementAsync(instance, proved: null, audit, cancel);

    public ValueTask<RegistrationResult> ReplaceAsync(Instance instance, ProvedAdmin admin, AuditEntry audit, CancellationToken cancel) =>
        WriteReplacementAsync(instance, admin, audit, cancel);

    public async ValueTask<RegistrationResult> RemoveAsync(Guid instanceId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockInstanceAsync(instanceId);
            if (await ResetRows.AnyOpenAsync(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.ResetOpen);
            }

            if (!await InstanceRows.DeleteAsync(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<Instance?> FindAsync(Guid projectId, Guid instanceId, CancellationToken cancel) =>
        await OpenAsync(await database.ReadAsync(session => InstanceRows.FindAsync(session, projectId, instanceId), cancel));

    public async ValueTask<Instance?> FindByNameAsync(Guid projectId, string name, CancellationToken cancel) =>
        await OpenAsync(await database.ReadAsync(session => InstanceRows.FindByNameAsync(session, projectId, name), cancel));

    public async ValueTask<Instance?> FindAnyAsync(Guid instanceId, CancellationToken cancel) =>
        await OpenAsync(await database.ReadAsync(session => InstanceRows.FindAsync(session, instanceId), cancel));

    public async ValueTask<IReadOnlyList<Instance>> ListAsync(Guid projectId, CancellationToken cancel)
    {
        var rows = await database.ReadAsync(session => InstanceRows.ListAsync(session, projectId), cancel);
        var instances = new List<Instance>(rows.Count);
        foreach (var row in rows)
        {
            instances.Add(await row.OpenAsync(keys));
        }

        return instances;
    }

    public async ValueTask<IReadOnlyList<Instance>> ListJoiningAsync(CancellationToken cancel)
    {
        var instances = new List<Instance>();
        foreach (var row in await database.ReadAsync(InstanceRows.ListJoiningAsync, cancel))
        {
            instances.Add(await row.OpenAsync(keys));
        }

        return instances;
    }

    public async ValueTask<bool> SetJoiningAsync(Instance seen, IReadOnlyList<string> joining, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockInstanceAsync(seen.Id);
            if (await InstanceRows.FindAsync(session, seen.Id) is not { Instance: var stored }
                || stored.Revision != seen.Revision || !stored.Joining.SequenceEqual(seen.Joining, StringComparer.Ordinal))
            {
                return false;
            }

            await InstanceRows.SetJoiningAsync(session, stored with { Joining = joining });

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }

    public ValueTask<Account?> FindAccountAsync(Guid instanceId, AccountName name, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindAsync(session, instanceId, name), cancel);

    public ValueTask<Account?> FindAccountAsync(Guid accountId, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindAsync(session, accountId), cancel);

    public ValueTask<Account?> FindOverlapAsync(Guid instanceId, AccountName account, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindOverlapAsync(session, instanceId, account), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, CancellationToken cancel) =>
        await database.ReadAsync(session => AccountRows.ListAsync(session, instanceId), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, string user, CancellationToken cancel) =>
        await database.ReadAsync(session => AccountRows.ListAsync(session, instanceId, user), cancel);

    public async ValueTask<IReadOnlyList<HeldAccount>> ListHeldAsync(Guid projectId, Guid? instanceId, Guid after, int limit, CancellationToken cancel) => await database.ReadAsync(
        async session =>
        {
            var page = instanceId is { } one
                ? await AccountRows.ListHeldAsync(session, projectId, one, after, limit)
                : await AccountRows.ListHeldAsync(session, projectId, after, limit);
            var schedules = page.Count == 0 ? [] : instanceId is { } of ? await ScheduleRows.ListAsync(session, of) : await ScheduleRows.ListAsync(session, page[0].Account.Id, page[^1].Account.Id);
            var byAccount = schedules.ToDictionary(schedule => schedule.AccountId);
            return page.ConvertAll(line => new HeldAccount(line.Account, line.HasPassword, byAccount.GetValueOrDefault(line.Account.Id)));
        },
        cancel);

    public async ValueTask<IReadOnlyList<AccountName>> AddAccountsAsync(Guid instanceId, IReadOnlyList<Account> accounts, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            // Under the instance's lock, as whoever adopts or resets an account that is new.
            await session.LockInstanceAsync(instanceId);
            var added = new List<AccountName>();
            var now = await session.NowAsync();
            var isThere = await InstanceRows.FindAsync(session, instanceId) is not null;
            foreach (var account in isThere ? accounts : [])
            {
                if (await AccountRows.FindAsync(session, instanceId, account.Name) is null && await AccountRows.FindOverlapAsync(session, instanceId, account.Name) is null)
                {
                    await AccountRows.InsertAsync(session, account);
                    await AuditRows.AppendAsync(session, audit with { Account = account.Name.ToString() }, now);
                    added.Add(account.Name);
                }
            }

            return added;
        });
    }

    public async ValueTask SetProofAsync(Guid accountId, ProofMode proof, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session =>
        {
            await AccountRows.SetProofAsync(session, accountId, proof);
            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
        });
    }

    public ValueTask<bool> SetDriftAsync(Guid accountId, DateTimeOffset? driftedAt, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) =>
        WriteFindingAsync(accountId, seen, audit, session => AccountRows.SetDriftAsync(session, accountId, driftedAt), cancel);

    public ValueTask<bool> SetVerifiedAsync(Guid accountId, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) =>
        WriteFindingAsync(accountId, seen, audit, session => AccountRows.SetVerifiedAsync(session, accountId), cancel);

    public ValueTask<IReadOnlyDictionary<Guid, int>> CountUnverifiedAsync(Guid projectId, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.CountUnverifiedAsync(session, projectId), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListToProbeAsync(int limit, CancellationToken cancel) =>
        await database.ReadAsync(async session => await AccountRows.ListToProbeAsync(session, limit, await session.NowAsync()), cancel);

    public async ValueTask<bool> TryBeginProbeAsync(Guid accountId, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Committed, async session => await AccountRows.TryBeginProbeAsync(session, accountId, await session.NowAsync()));
    }

    public async ValueTask ProbeLaterAsync(Guid accountId, TimeSpan pause, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session => await AccountRows.ProbeAfterAsync(session, accountId, await session.NowAsync() + pause));
    }

    public async ValueTask<IReadOnlyList<Account>> ListToDiscardAsync(int limit, CancellationToken cancel) =>
        await database.ReadAsync(async session => await AccountRows.ListToDiscardAsync(session, limit, await session.NowAsync()), cancel);

    public async ValueTask<bool> TryBeginDiscardAsync(Guid accountId, TimeSpan pause, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Committed, async session =>
        {
            var now = await session.NowAsync();
            return await AccountRows.TryBeginDiscardAsync(session, accountId, now, now + pause);
        });
    }

    public async ValueTask<bool> RemoveAccountAsync(Guid accountId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (await ResetRows.FindOpenIdAsync(session, accountId) is not null)
            {
                return false;
            }

            await AccountRows.DeleteAsync(session, accountId);
            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }

    private async ValueTask<RegistrationResult> WriteReplacementAsync(Instance instance, ProvedAdmin? proved, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockRegistrationsAsync();
            var conflict = await InstanceRows.FindCollisionAsync(session, instance) ?? await FindAdminConflictAsync(session, proved);
            if (conflict is not null)
            {
                return conflict;
            }

            await session.LockInstanceAsync(instance.Id);
            if (!await InstanceRows.ReplaceAsync(session, keys, instance))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            if (proved is not null)
            {
                await PasswordAdoption.WriteAsync(session, keys, proved.Account, proved.Password, proved.Audit);
            }

            return RegistrationResult.Stored;
        });
    }

    /// <summary>The account is locked before its instance is: whoever prepares a reset goes that way too.</summary>
    private static async ValueTask<RegistrationResult?> FindAdminConflictAsync(StoreSession session, ProvedAdmin? proved) =>
        proved is null ? null : await PasswordAdoption.FindConflictAsync(session, proved.Account, proved.Seen) switch
        {
            AdoptionConflict.None => null,
            AdoptionConflict.ResetOpen => new RegistrationResult(RegistrationConflict.ResetOpen),
            _ => new RegistrationResult(RegistrationConflict.AdminChanged),
        };

    private async ValueTask<bool> WriteFindingAsync(Guid accountId, VersionsSeen seen, AuditEntry audit, Func<StoreSession, ValueTask> write, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Committed, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (await SecretRows.SeenAsync(session, accountId) != seen)
            {
                return false;
            }

            await write(session);
            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }

    private async ValueTask<Instance?> OpenAsync(SealedInstance? instance) => instance is null ? null : await instance.OpenAsync(keys);
}
