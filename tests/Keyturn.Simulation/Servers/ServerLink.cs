namespace Keyturn.Simulation.Servers;

/// <summary>One process's way to one server: each question is answered at one instant between the asking and the answer.</summary>
internal sealed class ServerLink(World world, KeyturnNode client, SimulatedServer server)
{
    public async Task<T> AskAsync<T>(Point point, T tooLate, T away, Func<T> atServer, CancellationToken cancel)
    {
        await client.PassAsync(point, Stage.Before);
        var answer = new TaskCompletionSource<T>();
        await using var limit = cancel.UnsafeRegister(_ => answer.TrySetResult(tooLate), null);
        world.Time.After(world.Time.Latency(), () =>
        {
            var said = server.IsDown ? away : atServer();
            client.Pass(point, Stage.Landed);
            world.Time.After(world.Time.Latency(), () => answer.TrySetResult(said));
        });
        var result = await answer.Task;
        await client.PassAsync(point, Stage.After);
        return result;
    }
}
