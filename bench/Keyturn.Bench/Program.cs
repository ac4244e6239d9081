using Keyturn.Bench;
using Keyturn.Engines;
using Keyturn.Server;

// script/bench starts it; it starts itself once more as the bare answer server.
if (args is ["answer"])
{
    await AnswerServer.RunAsync();
    return 0;
}

if (args is ["timing", .. var timing])
{
    return await TimingCommand.RunAsync(timing);
}

if (BenchArguments.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(BenchArguments.Usage);
    return 1;
}

var lab = BenchLab.Read(options.LabPath);
await using var answer = await AnswerProcess.StartAsync();
var bench = new Workbench(
    options.Program, options.Folder, lab, await lab.CaPemAsync(), new EngineCatalog(EngineList.All(TimeProvider.System)), answer, options.Rounds, options.Time);
var machine = Machine.Look(options.Commit, options.Folder);
Console.WriteLine(machine);

if (options.Parts.Contains("doors"))
{
    await using var keyturn = await KeyturnProcess.StartAsync(await bench.NewStoreAsync("doors"));
    var doors = await DoorCalls.PrepareAsync(keyturn.Http, ("doors-sql", lab.Servers["mariadb-10.11"]), ("doors-redis", lab.Servers["redis-7"]), bench.CaPem);
    Console.WriteLine(DoorRow.Header);
    foreach (var row in await DoorBench.RunAsync(keyturn.Http, answer, doors, bench.Rounds, bench.Time))
    {
        Console.WriteLine(row);
    }
}

var quantities = options.Parts.Contains("start") ? await ProcessQuantities.MeasureAsync(bench) : [];
Show(quantities.Select(MarkdownReport.Line));
var rows = new List<Row>();
Console.WriteLine(MarkdownReport.RowsHeader);
var servers = lab.Servers.Where(server => options.Parts.Contains(server.Key)).ToList();
if (servers.Count > 0)
{
    await using var keyturn = await KeyturnProcess.StartAsync(await bench.NewStoreAsync("servers"));
    foreach (var (name, server) in servers)
    {
        if (server.Skipped is not null)
        {
            Console.WriteLine($"| {name} | skipped: {server.Skipped} |");
            continue;
        }

        Keep(await ServerRows.MeasureAsync(bench, keyturn, name, server));
    }
}

if (options.Parts.Contains("peer"))
{
    // A store of its own: in one store a server is registered once, with TLS or without.
    await using var keyturn = await KeyturnProcess.StartAsync(await bench.NewStoreAsync("peer"));
    foreach (var peer in Peer.All)
    {
        Keep(await PeerRows.MeasureAsync(bench, keyturn, peer));
    }
}

if (options.Parts.Contains("reads"))
{
    Keep(await StoreRows.MeasureReadsAsync(bench));
}

if (options.Parts.Contains("growth"))
{
    Keep(await StoreRows.MeasureGrowthAsync(bench));
}

if (options.WriteTo is { } folder)
{
    await new BenchRun(machine, options.Rounds, options.Time.TotalSeconds, rows, quantities, Peer.All).WriteAsync(folder);
}

return 0;

void Keep(IReadOnlyList<Row> measured)
{
    rows.AddRange(measured);
    Show(measured.Select(MarkdownReport.Line));
}

void Show(IEnumerable<string> lines)
{
    foreach (var line in lines)
    {
        Console.WriteLine(line);
    }
}
