namespace Keyturn.Bench;

/// <summary>How long a start takes, and what an idle process occupies.</summary>
internal static class ProcessQuantities
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Quantity>> MeasureAsync(Workbench bench)
    {
        var started = new List<KeyturnProcess>();
        try
        {
            // The first brings the files into the operating system's cache, and is thrown away.
            for (var round = -1; round < bench.Rounds; round++)
            {
                started.Add(await KeyturnProcess.StartAsync(await bench.NewStoreAsync($"start-{round}")));
            }

            await Task.Delay(Idle, TimeProvider.System);
            var measured = started.Skip(1).ToList();
            return
            [
                new Quantity("start", "ms", 500, [.. measured.Select(process => process.StartTime.TotalMilliseconds)]),
                new Quantity("resident, idle", "MB", 90, [.. measured.Select(process => process.ResidentMb)]),
            ];
        }
        finally
        {
            foreach (var process in started)
            {
                await process.DisposeAsync();
            }
        }
    }
}
