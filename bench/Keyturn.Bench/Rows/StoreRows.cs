namespace Keyturn.Bench;

/// <summary>Reading stored passwords, and how reads and resets fare as the store grows.</summary>
internal static class StoreRows
{
    private const int Few = 1000;

    public static async Task<IReadOnlyList<Row>> MeasureReadsAsync(Workbench bench)
    {
        await using var store = await FilledStore.CreateAsync(bench, "reads", Few);
        return await bench.MeasureAsync(
            [new Cell("stored secret", "read", Workbench.MostCallers, Goal.ThroughputAtLeast(0.7), "answer", _ => bench.Answer.GetAsync(), _ => store.RevealAsync())]);
    }

    public static async Task<IReadOnlyList<Row>> MeasureGrowthAsync(Workbench bench)
    {
        await using var few = await FilledStore.CreateAsync(bench, "few", Few);
        await using var more = await FilledStore.CreateAsync(bench, "more", 100 * Few);
        await using var most = await FilledStore.CreateAsync(bench, "most", 1000 * Few);
        return await bench.MeasureAsync([.. Cells(few, more, "100 thousand accounts"), .. Cells(few, most, "1 million accounts")]);
    }

    private static IEnumerable<Cell> Cells(FilledStore few, FilledStore many, string subject) =>
    [
        new(subject, "read", 1, Goal.TimeAtMost(1.1), "1 thousand accounts", _ => few.RevealAsync(), _ => many.RevealAsync()),
        new(subject, "reset", 1, Goal.TimeAtMost(1.1), "1 thousand accounts", _ => few.ResetAsync(), _ => many.ResetAsync()),
    ];
}
