namespace Keyturn.Bench;

/// <summary>One pair to be measured side by side: an operation of Keyturn's, and the floor that it cannot be faster than.</summary>
internal sealed record Cell(string Subject, string Operation, int Callers, Goal Goal, string FloorName, Func<int, Task> Floor, Func<int, Task> Product)
{
    /// <summary>In the first rounds the runtime still compiles what it finds to be used often: a server does so once.</summary>
    private const int WarmUpRounds = 2;

    /// <summary>Measures all cells by turns. The first rounds warm everything up and are thrown away.</summary>
    public static async Task<IReadOnlyList<Row>> MeasureAsync(IReadOnlyList<Cell> cells, int rounds, TimeSpan time)
    {
        var floors = cells.Select(_ => new List<Measured>()).ToList();
        var products = cells.Select(_ => new List<Measured>()).ToList();
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            for (var i = 0; i < cells.Count; i++)
            {
                var floor = await Load.RunAsync(cells[i].Callers, time, cells[i].Floor);
                var product = await Load.RunAsync(cells[i].Callers, time, cells[i].Product);
                if (round >= 0)
                {
                    floors[i].Add(floor);
                    products[i].Add(product);
                }
            }
        }

        return [.. cells.Select((cell, i) => new Row(cell.Subject, cell.Operation, cell.Callers, cell.Goal, cell.FloorName, floors[i], products[i]))];
    }
}
