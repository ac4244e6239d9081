namespace Keyturn.Crash.Lab;

/// <summary>An account that Keyturn knows nothing of, and a session that changes its password: what the server alone takes for it.</summary>
internal sealed class BareAccount(SqlSession session, string verb, string name) : IAsyncDisposable
{
    public static async Task<BareAccount> MakeAsync(Database database)
    {
        var session = await SqlSession.OpenAsync(database);
        var bare = new BareAccount(session, database.Engine == "postgresql" ? "ROLE" : "USER", $"bare_{Guid.NewGuid():N}"[..14]);
        await session.ExecuteAsync($"CREATE {bare.Verb} {bare.Name}");
        return bare;
    }

    private string Verb => verb;

    private string Name => name;

    public Task ResetAsync() => session.ExecuteAsync(verb == "ROLE" ? $"ALTER ROLE {name} PASSWORD 'Bare-1'" : $"ALTER USER {name} IDENTIFIED BY 'Bare-1'");

    public async ValueTask DisposeAsync()
    {
        await session.ExecuteAsync($"DROP {verb} {name}");
        await session.DisposeAsync();
    }
}
