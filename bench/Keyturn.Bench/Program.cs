using System.Net.Http.Headers;
using Keyturn.Bench;
using Keyturn.Engines;
using Keyturn.Server;

// script/bench starts this three ways: as the bare answer server, and as the client of it and of a running Keyturn.
if (args is ["answer"])
{
    await AnswerServer.RunAsync();
    return 0;
}

if (args is not [var labPath, var answerUrl, var serverUrl, var tokenPath, var roundsText, var secondsText, .. var wanted])
{
    await Console.Error.WriteLineAsync("usage: Keyturn.Bench LAB_JSON ANSWER_URL KEYTURN_URL TOKEN_FILE ROUNDS SECONDS [SERVER…]");
    return 1;
}

var lab = BenchLab.Read(labPath);
var caPem = await File.ReadAllTextAsync(lab.Ca);
var (rounds, time) = (int.Parse(roundsText), TimeSpan.FromSeconds(double.Parse(secondsText)));
var token = (await File.ReadAllTextAsync(tokenPath)).Trim();
using var http = new HttpClient { BaseAddress = new Uri(serverUrl) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
using var bare = new HttpClient();
var engines = new EngineCatalog(EngineList.All(TimeProvider.System));
if (wanted.Contains("doors"))
{
    var doors = await DoorCalls.PrepareAsync(http, token, ("doors-sql", lab.Servers["mariadb-10.11"]), ("doors-redis", lab.Servers["redis-7"]), caPem);
    Console.WriteLine(DoorRow.Header);
    foreach (var row in await DoorBench.RunAsync(http, bare, new Uri(answerUrl), doors, rounds, time))
    {
        Console.WriteLine(row);
    }

    return 0;
}

Console.WriteLine(Row.Header);
foreach (var (name, server) in lab.Servers.Where(server => wanted.Contains(server.Key)))
{
    if (server.Skipped is not null)
    {
        Console.WriteLine($"| {name} | skipped: {server.Skipped} |");
        continue;
    }

    await foreach (var row in MeasureAsync(name, server))
    {
        Console.WriteLine(row);
    }
}

return 0;

async IAsyncEnumerable<Row> MeasureAsync(string name, BenchServer server)
{
    const int MostCallers = 8;
    var folder = Directory.CreateTempSubdirectory("keyturn-bench-");
    await using var floor = new Floor(engines[server.Engine], server.Target(caPem), bare, new Uri(answerUrl), folder.FullName);
    await floor.PrepareAsync(server.Admin.Credential, MostCallers);
    await Product.RegisterAsync(http, name, server, caPem);
    var product = new Product(http, name);
    for (var caller = 0; caller < MostCallers; caller++)
    {
        await product.CreateAsync(caller);
    }

    (string, int, Func<int, Task>, Func<int, Task>)[] cells =
    [
        ("check", 1, floor.CheckAsync, product.CheckAsync),
        ("check", 8, floor.CheckAsync, product.CheckAsync),
        ("reset", 1, floor.ResetAppendAnswerAsync, product.ResetAsync),
        ("reset", 8, floor.ResetAsync, product.ResetAsync),
    ];
    var measured = cells.Select(_ => (Floors: new List<Measured>(), Products: new List<Measured>())).ToList();

    // One round warms both sides up and is thrown away.
    for (var round = -1; round < rounds; round++)
    {
        for (var cell = 0; cell < cells.Length; cell++)
        {
            var (_, callers, floorOperation, productOperation) = cells[cell];
            var floorMeasured = await Load.RunAsync(callers, time, floorOperation);
            var productMeasured = await Load.RunAsync(callers, time, productOperation);
            if (round >= 0)
            {
                measured[cell].Floors.Add(floorMeasured);
                measured[cell].Products.Add(productMeasured);
            }
        }
    }

    for (var caller = 0; caller < MostCallers; caller++)
    {
        await product.DropAsync(caller);
    }

    folder.Delete(recursive: true);
    for (var cell = 0; cell < cells.Length; cell++)
    {
        var (operation, callers, _, _) = cells[cell];
        yield return new Row($"{name} ({server.Version})", operation, callers, measured[cell].Floors, measured[cell].Products);
    }
}
