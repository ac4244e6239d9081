namespace Keyturn.Bench;

/// <summary>Checks and resets on one server, over verified TLS.</summary>
internal static class ServerRows
{
    private const string Whole = "change + login + append + answer";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Workbench bench, KeyturnProcess keyturn, string name, BenchServer server)
    {
        await using var floor = await bench.OpenFloorAsync(server, bench.CaPem);
        await Product.RegisterAsync(keyturn.Http, name, server, bench.CaPem);
        var product = new Product(keyturn.Http, name, "bench");
        await product.CreateAllAsync(Workbench.MostCallers);
        var subject = $"{name} ({server.Version})";

        // PostgreSQL's own work on a change is most of the time; elsewhere a change costs the server almost nothing.
        var many = server.Engine == "postgresql" ? 0.8 : 0.5;
        var rows = await bench.MeasureAsync(
        [
            new Cell(subject, "check", 1, Goal.TimeAtMost(1.1), "login + answer", floor.CheckAsync, product.CheckAsync),
            new Cell(subject, "check", 8, Goal.ThroughputAtLeast(0.9), "login + answer", floor.CheckAsync, product.CheckAsync),
            new Cell(subject, "reset", 1, Goal.TimeAtMost(1.25), Whole, floor.ResetAppendAnswerAsync, product.ResetAsync),
            new Cell(subject, "reset", 32, Goal.ThroughputAtLeast(many), "change + login", floor.ResetAsync, product.ResetAsync),
        ]);
        await product.DropAllAsync(Workbench.MostCallers);
        return rows;
    }
}
