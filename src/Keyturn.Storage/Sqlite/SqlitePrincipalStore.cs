using Keyturn.Access;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Principals, their projects, and the hashes of their tokens.</summary>
internal sealed class SqlitePrincipalStore(SqliteWriter writer, SqliteReaders readers) : IPrincipalStore
{
    public async ValueTask AddAsync(Principal principal, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await writer.WriteAsync(Durability.Synced, session => Add(session, principal, tokenHash.ToArray()));
    }

    public async ValueTask<Principal?> FindByTokenHashAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel)
    {
        var hash = tokenHash.ToArray();
        return await readers.ReadAsync(
            session => session.First(
                "SELECT p.id, p.project_id, p.name, p.created_at FROM tokens t JOIN principals p ON p.id = t.principal_id WHERE t.hash = $hash",
                Read,
                ("$hash", hash)),
            cancel);
    }

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancel) =>
        readers.ReadAsync(session => !session.Any("SELECT 1 FROM principals LIMIT 1"), cancel);

    private static void Add(SqliteSession session, Principal principal, byte[] tokenHash)
    {
        session.Execute(
            "INSERT INTO projects (id, created_at) VALUES ($id, $createdAt) ON CONFLICT DO NOTHING",
            ("$id", principal.ProjectId), ("$createdAt", principal.CreatedAt));
        session.Execute(
            "INSERT INTO principals (id, project_id, name, created_at) VALUES ($id, $project, $name, $createdAt)",
            ("$id", principal.Id), ("$project", principal.ProjectId), ("$name", principal.Name), ("$createdAt", principal.CreatedAt));
        session.Execute(
            "INSERT INTO tokens (hash, principal_id, created_at) VALUES ($hash, $principal, $createdAt)",
            ("$hash", tokenHash), ("$principal", principal.Id), ("$createdAt", principal.CreatedAt));
    }

    private static Principal Read(SqliteDataReader row) => new(row.Id(0), row.Id(1), row.GetString(2), row.Time(3));
}
