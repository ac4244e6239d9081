using System.Text.Json.Nodes;

namespace Keyturn.Crash.Lab;

/// <summary>
/// The replicated PostgreSQL that holds the store: what kills, freezes and starts its nodes, and who is its primary. Patroni is asked, not
/// the databases: one that was replaced while it was frozen still takes itself for the primary.
/// </summary>
internal sealed class StoreCluster(IReadOnlyDictionary<string, LabServer> nodes, string ca, string labScript, string labFolder) : IDisposable
{
    private const string Prefix = "patroni-15-node";
    private static readonly TimeSpan ComesUpWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public IReadOnlyList<string> Names { get; } = [.. nodes.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether a server of the lab is one of such a cluster's.</summary>
    public static bool IsOne(string server) => server.StartsWith("patroni-", StringComparison.Ordinal);

    /// <summary>Null when the lab has none.</summary>
    public static StoreCluster? Of(CrashLab lab, string labScript, string labFolder)
    {
        var nodes = lab.Servers.Where(server => server.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(server => server.Key, server => server.Value);
        return nodes.Count == 0 ? null : new StoreCluster(nodes, lab.Ca, labScript, labFolder);
    }

    /// <summary>As Keyturn's <c>KEYTURN_STORE</c> has it.</summary>
    /// <param name="schema">Each store has one of its own.</param>
    public string ConnectionString(string schema)
    {
        var login = nodes[Names[0]].Store!;
        var hosts = string.Join(',', Names.Select(name => $"{nodes[name].Host}:{nodes[name].Port}"));
        return $"Host={hosts};Username={login.User};Password={login.Password};Database={login.User};Search Path={schema};SSL Mode=VerifyFull;Root Certificate={ca}";
    }

    /// <summary>Every process of the node ends at once, as by a power cut.</summary>
    public Task KillAsync(params string[] names) => RunLabAsync("kill", names);

    /// <summary>Every process of the node stands still.</summary>
    public Task FreezeAsync(string name) => RunLabAsync("pause", [name]);

    public Task WakeAsync(string name) => RunLabAsync("resume", [name]);

    /// <summary>Only what decides who is primary: the database itself lives on, and is told nothing any more.</summary>
    public async Task KillPatroniAsync(string name)
    {
        var pid = int.Parse(await File.ReadAllTextAsync(nodes[name].PidFile));
        await Signals.SendAsync(pid, Signals.Kill);
        await Signals.UntilGoneAsync(pid);
    }

    public Task StartAsync(params string[] names) => RunLabAsync("up", names);

    public async Task<string> PrimaryAsync() => await UntilAsync(
        "there is a primary",
        async () =>
        {
            foreach (var name in Names)
            {
                if (await IsPrimaryAsync(name))
                {
                    return name;
                }
            }

            return null;
        });

    /// <summary>Waits for another primary than this.</summary>
    public Task<string> SuccessorAsync(string former) => UntilAsync("there is another primary", async () =>
    {
        foreach (var name in Names.Where(name => name != former))
        {
            if (await IsPrimaryAsync(name))
            {
                return name;
            }
        }

        return null;
    });

    /// <summary>Waits until all nodes follow, one of them synchronously.</summary>
    public Task UntilWholeAsync() => UntilAsync("the store's database is whole again", async () =>
    {
        var members = await MembersAsync();
        var roles = members.Where(member => member.State is "running" or "streaming").Select(member => member.Role).ToList();
        return roles.Count == Names.Count && roles.Contains("leader") && roles.Contains("sync_standby") ? "" : null;
    });

    public void Dispose() => _http.Dispose();

    private async Task<List<(string Role, string State)>> MembersAsync()
    {
        foreach (var name in Names)
        {
            try
            {
                var cluster = JsonNode.Parse(await _http.GetStringAsync(Url(name, "cluster")))!;
                return [.. cluster["members"]!.AsArray().Select(member => (member!["role"]!.ToString(), member["state"]!.ToString()))];
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                // The next one may know.
            }
        }

        return [];
    }

    private async Task<bool> IsPrimaryAsync(string name)
    {
        try
        {
            using var answer = await _http.GetAsync(Url(name, "primary"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private Uri Url(string name, string path) => new($"http://{nodes[name].Host}:{nodes[name].ApiPort}/{path}");

    private Task RunLabAsync(string verb, IEnumerable<string> names) => Command.RunAsync(labScript, [verb, "--dir", labFolder, .. names]);

    private static async Task<string> UntilAsync(string what, Func<Task<string?>> look)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            if (TimeProvider.System.GetElapsedTime(started) > ComesUpWithin)
            {
                throw new InvalidOperationException($"{ComesUpWithin.TotalSeconds} s were not enough until {what}");
            }

            await Task.Delay(BetweenLooks, TimeProvider.System);
        }
    }
}
