using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// Kills the server between two hops and starts it again: once for each hop, with a reset of an account on every server of the lab
/// stopped there at the same time. A start costs a second, so that each case of its own would take minutes.
/// </summary>
public sealed class CrashCampaign : IAsyncDisposable
{
    private static readonly string[] Servers = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];
    private static readonly string[] AlsoAdopted = ["postgresql-15", "redis-7"];
    private readonly Dictionary<string, (LabAccounts Accounts, string Instance)> _servers = [];
    private readonly Dictionary<Hop, Task<Dictionary<(string Server, bool IsAdopted), string>>> _runs = [];
    private KeyturnProcess? _keyturn;

    /// <summary>Every hop on every server that has it, with accounts that Keyturn held before and such that it did not.</summary>
    public static TheoryData<Hop, string, bool> Cases { get; } =
    [
        .. from hop in Enum.GetValues<Hop>()
           from server in Servers
           where HasHop(server, hop)
           from isAdopted in IsAdopted(server)
           select (hop, server, isAdopted),
    ];

    public KeyturnProcess Keyturn => _keyturn!;

    public LabAccounts AccountsOf(string server) => _servers[server].Accounts;

    public string InstanceOf(string server) => _servers[server].Instance;

    /// <summary>The account whose reset was stopped at the hop. When this returns, the server runs again.</summary>
    public async Task<string> KilledAtAsync(Hop hop, string server, bool isAdopted)
    {
        if (!_runs.TryGetValue(hop, out var run))
        {
            _runs[hop] = run = RunAsync(hop);
        }

        return (await run)[(server, isAdopted)];
    }

    public async ValueTask DisposeAsync()
    {
        await (_keyturn?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var (accounts, _) in _servers.Values)
        {
            await accounts.DisposeAsync();
        }
    }

    private static bool HasHop(string server, Hop hop) => hop != Hop.Persisted || server is "redis-7" or "valkey-9";

    private static bool[] IsAdopted(string server) => AlsoAdopted.Contains(server) ? [false, true] : [false];

    private async Task<Dictionary<(string Server, bool IsAdopted), string>> RunAsync(Hop hop)
    {
        await StartAsync(hop);
        var users = new Dictionary<(string Server, bool IsAdopted), string>();
        foreach (var (server, (accounts, instance)) in _servers.Where(server => HasHop(server.Key, hop)))
        {
            foreach (var isAdopted in IsAdopted(server))
            {
                users[(server, isAdopted)] = await CreateAsync(accounts, instance, isAdopted);
            }
        }

        var resets = users.Select(user => Keyturn.Api.ResetAsync(InstanceOf(user.Key.Server), user.Value)).ToList();
        await Keyturn.UntilPausedAsync(hop.ToString(), resets.Count);
        await Keyturn.KillAsync();
        foreach (var reset in resets)
        {
            await Should.ThrowAsync<HttpRequestException>(reset);
        }

        await Keyturn.StartAsync();
        return users;
    }

    private async Task<string> CreateAsync(LabAccounts accounts, string instance, bool isAdopted)
    {
        var user = await accounts.CreateAsync();
        if (isAdopted)
        {
            (await Keyturn.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(System.Net.HttpStatusCode.OK);
        }

        return user;
    }

    private async Task StartAsync(Hop hop)
    {
        if (_keyturn is not null)
        {
            await _keyturn.KillAsync();
            await _keyturn.StartAsync(hop.ToString());
            return;
        }

        _keyturn = await KeyturnProcess.CreateAsync();
        await _keyturn.StartAsync(hop.ToString());
        foreach (var server in Servers.Where(Lab.Has))
        {
            _servers[server] = (new LabAccounts(Lab.Server(server)), await _keyturn.Api.RegisterAsync(Lab.Server(server)));
        }
    }
}
