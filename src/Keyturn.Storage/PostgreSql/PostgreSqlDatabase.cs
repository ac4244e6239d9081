using Keyturn.Storage.Chain;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>
/// A store on PostgreSQL, for several nodes. Writes are transactions at READ COMMITTED that lock the account (or the instance) they are
/// about first; the schema's unique indexes hold what locks cannot, and a transaction that met one is run again.
/// </summary>
internal sealed class PostgreSqlDatabase : IStoreDatabase
{
    /// <summary>How long the server works on a statement, and waits for a lock; it does not cover the commit.</summary>
    public static readonly TimeSpan StatementLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long a commit may take to be told.</summary>
    public static readonly TimeSpan CommitLimit = TimeSpan.FromSeconds(10);

    private const int Attempts = 5;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly bool _allowAsynchronous;
    private readonly TimeProvider _clock;
    private volatile Replication? _replication;
    private ChainPool? _chains;

    private PostgreSqlDatabase(NpgsqlConnectionStringBuilder settings, bool allowAsynchronous, TimeProvider clock)
    {
        (_settings, _allowAsynchronous, _clock) = (settings, allowAsynchronous, clock);
        _source = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary);
    }

    public string Kind => "postgresql";

    public string Place => PostgreSqlAddress.Describe(_settings);

    /// <summary>As the last write found it.</summary>
    public string Durability => _replication?.Word ?? "not known yet";

    /// <summary>Makes a store in an empty schema, with its first data key.</summary>
    public static Task<(PostgreSqlDatabase Database, KeyRing Keys)> CreateAsync(string address, MasterKeys masterKeys, bool allowAsynchronous, TimeProvider clock) =>
        OpenAsync(address, allowAsynchronous, clock, async database =>
        {
            await PostgreSqlMigrations.ApplyAsync(database._source, database._settings.SearchPath!, makeSchema: true);
            return await database.WriteAsync(Storage.Durability.Synced, async session =>
            {
                if (await KeyRows.ExistAsync(session))
                {
                    throw new StoreException(StoreFault.Exists, $"There is a store at {database.Place} already.");
                }

                await KeyRows.CreateAsync(session, masterKeys.Current);
                return await KeyRows.LoadAsync(session, masterKeys);
            });
        });

    /// <summary>Opens a store, and brings its schema to this program's version. Other nodes may be using it.</summary>
    public static Task<(PostgreSqlDatabase Database, KeyRing Keys)> OpenAsync(string address, MasterKeys masterKeys, bool allowAsynchronous, TimeProvider clock) =>
        OpenAsync(address, allowAsynchronous, clock, async database =>
        {
            await PostgreSqlMigrations.ApplyAsync(database._source, database._settings.SearchPath!, makeSchema: false);
            return await database.ReadAsync(
                async session =>
                {
                    database.Note(await session.QueryAsync(Replication.Query, row => Replication.Read(row, database.HasSeveralHosts)));
                    return await KeyRows.ExistAsync(session)
                        ? await KeyRows.LoadAsync(session, masterKeys)
                        : throw new StoreException(StoreFault.Missing, $"The store at {database.Place} was not initialised: make one with keyturn init.");
                },
                CancellationToken.None);
        });

    /// <summary>Fills a schema that has no store yet, in one transaction.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Exists"/>, and others: nothing is written, or it is not known.</exception>
    public static async Task FillAsync(string address, bool allowAsynchronous, TimeProvider clock, Func<StoreSession, ValueTask> fill)
    {
        var database = new PostgreSqlDatabase(PostgreSqlAddress.Read(address), allowAsynchronous, clock);
        await using (database)
        {
            try
            {
                await PostgreSqlMigrations.ApplyAsync(database._source, database._settings.SearchPath!, makeSchema: true);
            }
            catch (Exception e) when (e.IsOfTheStore())
            {
                throw e.ToStoreException();
            }

            await database.WriteAsync(Storage.Durability.Synced, async session =>
            {
                if (await KeyRows.ExistAsync(session))
                {
                    throw new StoreException(StoreFault.Exists, $"There is a store at {database.Place} already.");
                }

                await fill(session);
                await session.FirstNumberAsync("SELECT setval(pg_get_serial_sequence('resets', 'number'), (SELECT coalesce(max(number), 0) + 1 FROM resets), false)");
                await session.FirstNumberAsync("SELECT setval(pg_get_serial_sequence('audit', 'sequence'), (SELECT coalesce(max(sequence), 0) + 1 FROM audit), false)");
            });
        }
    }

    /// <summary>Opens a store as it is, without its keys.</summary>
    /// <exception cref="StoreException">It is of another version, or cannot be reached.</exception>
    public static async Task<PostgreSqlDatabase> OpenToReadAsync(string address, TimeProvider clock)
    {
        var database = new PostgreSqlDatabase(PostgreSqlAddress.Read(address), allowAsynchronous: true, clock);
        try
        {
            await PostgreSqlMigrations.RequireLatestAsync(database._source, database._settings.SearchPath!);
            return database;
        }
        catch (Exception e)
        {
            await database.DisposeAsync();
            if (e.IsOfTheStore())
            {
                throw e.ToStoreException();
            }

            throw;
        }
    }

    public async ValueTask<T> ReadAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancel);
            await using var session = new PostgreSqlSession(connection);
            await session.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            var result = await read(session);
            await session.SendAsync("COMMIT", (int)StatementLimit.TotalSeconds);
            return result;
        }
        catch (Exception e) when (e.IsOfTheStore())
        {
            throw e.ToStoreException();
        }
    }

    /// <summary>
    /// Where commits wait for a replica, one that comes after the read shows that this is still its primary. A message in the log, which
    /// nobody reads, is the smallest thing that such a commit can carry.
    /// </summary>
    public async ValueTask<T> ReadConfirmedAsync<T>(Func<StoreSession, ValueTask<T>> read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return _replication is { IsSynchronous: true }
                ? await WriteAsync(Storage.Durability.Synced, session => ReadWithMessageAsync(session, read), "BEGIN ISOLATION LEVEL REPEATABLE READ")
                : await ReadAsync(read, cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Unknown)
        {
            throw new StoreException(StoreFault.Unreachable, "No replica of the store's database confirms that what was read is still so.", e);
        }
    }

    public Task<T> WriteAsync<T>(Durability durability, Func<StoreSession, ValueTask<T>> write) => WriteAsync(durability, write, "BEGIN");

    public void AuditTo(ChainPool chains) => _chains = chains;

    public async ValueTask DisposeAsync() => await _source.DisposeAsync();

    private async Task<T> WriteAsync<T>(Durability durability, Func<StoreSession, ValueTask<T>> write, string begin)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(durability, write, begin);
            }
            catch (PostgresException e) when (e.IsWorthAnotherTry() && attempt < Attempts)
            {
                // Nothing of it is written.
            }
            catch (Exception e) when (e.IsOfTheStore())
            {
                throw e.ToStoreException();
            }
        }
    }

    private static async ValueTask<T> ReadWithMessageAsync<T>(StoreSession session, Func<StoreSession, ValueTask<T>> read)
    {
        var result = await read(session);
        await session.QueryAsync("SELECT 1 FROM pg_logical_emit_message(true, 'keyturn', 'read')", _ => true);
        return result;
    }

    private bool HasSeveralHosts => _settings.Host!.Contains(',');

    private static async Task<(PostgreSqlDatabase Database, KeyRing Keys)> OpenAsync(
        string address, bool allowAsynchronous, TimeProvider clock, Func<PostgreSqlDatabase, Task<KeyRing>> open)
    {
        var database = new PostgreSqlDatabase(PostgreSqlAddress.Read(address), allowAsynchronous, clock);
        try
        {
            return (database, await open(database));
        }
        catch (Exception e)
        {
            await database.DisposeAsync();
            if (e.IsOfTheStore())
            {
                throw e.ToStoreException();
            }

            throw;
        }
    }

    private async Task<T> WriteOnceAsync<T>(Durability durability, Func<StoreSession, ValueTask<T>> write, string begin)
    {
        var connection = await _source.OpenConnectionAsync();
        var commit = Task.FromResult("");
        var pen = _chains is { } chains ? new AuditPen(chains) : null;
        try
        {
            await using var session = new PostgreSqlSession(connection) { Pen = pen };
            await session.RunAsync(begin);
            var mustWait = await RequireAsync(session, durability);
            var result = await write(session);
            using var warnings = new CommitWarnings(connection);
            commit = session.CommitAsync();
            await ToldAsync(commit, mustWait, warnings);
            pen?.Committed();
            return result;
        }
        catch (Exception e) when (e.WroteNothing())
        {
            // Of any other end nobody knows where it left the chain: somebody takes that on when its lease has ended.
            pen?.RolledBack();
            throw;
        }
        finally
        {
            await GiveBackAsync(connection, commit);
        }
    }

    /// <summary>Whether the commit must wait for a replica.</summary>
    private async ValueTask<bool> RequireAsync(PostgreSqlSession session, Durability durability)
    {
        if (durability == Storage.Durability.Committed)
        {
            await session.RunAsync("SET LOCAL synchronous_commit = off");
            return false;
        }

        // Whatever the role or the database was given: remote_apply waits for more, the others for less than on.
        await session.RunAsync("SET LOCAL synchronous_commit = on");
        var replication = Note(await session.QueryAsync(Replication.Query, row => Replication.Read(row, HasSeveralHosts)));
        return replication.Objection(_allowAsynchronous) is { } objection
            ? throw new StoreException(StoreFault.NotReplicated, objection)
            : replication.IsSynchronous;
    }

    private Replication Note(List<Replication> found) => _replication = found[0];

    /// <summary>A commit is done when the server said so without a warning. It is never cancelled: the server would call that success.</summary>
    private async Task ToldAsync(Task<string> commit, bool mustWait, CommitWarnings warnings)
    {
        string waitsFor;
        try
        {
            waitsFor = await commit.WaitAsync(CommitLimit, _clock);
        }
        catch (Exception e) when (e.IsOfTheStore() && !e.SaysNotCommitted())
        {
            throw new StoreException(StoreFault.Unknown, "The store's database did not say whether it wrote: the connection ended, or no replica answered, during the commit.", e);
        }

        if (warnings.First is { } warning)
        {
            throw new StoreException(StoreFault.Unknown, $"The store's database wrote on one machine only ({warning}).");
        }

        if (mustWait && waitsFor.Trim().Length == 0)
        {
            throw new StoreException(StoreFault.Unknown, "The store's database wrote on one machine only: while it waited for a replica, synchronous replication was switched off.");
        }
    }

    /// <summary>A connection whose commit is still waiting cannot be closed; it goes back when the server has answered.</summary>
    private static async ValueTask GiveBackAsync(NpgsqlConnection connection, Task commit)
    {
        if (commit.IsCompleted)
        {
            await connection.DisposeAsync();
            return;
        }

        _ = commit.ContinueWith(_ => connection.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>
    /// The warnings of one commit. A wait for replicas that was ended by a cancel (01000) or a shutdown (57P01) is answered with success and one of these.
    /// </summary>
    private sealed class CommitWarnings : IDisposable
    {
        private readonly NpgsqlConnection _connection;

        public CommitWarnings(NpgsqlConnection connection)
        {
            _connection = connection;
            connection.Notice += Add;
        }

        public string? First { get; private set; }

        public void Dispose() => _connection.Notice -= Add;

        private void Add(object sender, NpgsqlNoticeEventArgs notice)
        {
            if (notice.Notice.InvariantSeverity == "WARNING")
            {
                First ??= $"{notice.Notice.SqlState}: {notice.Notice.MessageText}";
            }
        }
    }
}
