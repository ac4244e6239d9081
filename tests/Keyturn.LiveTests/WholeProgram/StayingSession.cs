namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A session of an account that stays open, as an application's would.</summary>
/// <param name="connection">It.</param>
/// <param name="ask">Says something to the server that it answers; throws where there is no answer.</param>
public sealed class StayingSession(IAsyncDisposable connection, Func<Task> ask) : IAsyncDisposable
{
    public async Task<bool> IsAliveAsync()
    {
        try
        {
            await ask();
            return true;
        }
        catch (Exception error) when (error is Npgsql.NpgsqlException or Wire.WireException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
