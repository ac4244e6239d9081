using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>What Keyturn held of an account before the reset.</summary>
public enum Held
{
    /// <summary>No password.</summary>
    Nothing,

    /// <summary>Its present password.</summary>
    Adopted,

    /// <summary>Its present password, which is the one that Keyturn itself logs in with.</summary>
    AsAdminLogin,
}

/// <summary>One account whose reset is stopped.</summary>
public sealed record CrashedAccount(LabAccounts Accounts, string Instance, string User);

/// <summary>
/// Kills the server between two hops and starts it again: once for each hop, with a reset of an account on every server of the lab
/// stopped there at the same time. A start costs a second, so that each case of its own would take minutes.
/// </summary>
public sealed class CrashCampaign : IAsyncDisposable
{
    private static readonly string[] Servers = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];
    private static readonly string[] AlsoAdopted = ["postgresql-15", "redis-7"];
    private readonly Dictionary<string, (LabAccounts Accounts, string Instance)> _servers = [];
    private readonly Dictionary<Hop, Task<Dictionary<(string Server, Held Held), CrashedAccount>>> _runs = [];
    private KeyturnProcess? _keyturn;

    /// <summary>Every hop on every server that has it, with accounts that Keyturn held before and such that it did not.</summary>
    public static TheoryData<Hop, string, Held> Cases { get; } =
    [
        .. from hop in Enum.GetValues<Hop>()
           from server in Servers
           where HasHop(server, hop)
           from held in KindsOf(server)
           select (hop, server, held),
    ];

    public KeyturnProcess Keyturn => _keyturn!;

    /// <summary>The account whose reset was stopped at the hop. When this returns, the server runs again.</summary>
    public async Task<CrashedAccount> KilledAtAsync(Hop hop, string server, Held held)
    {
        if (!_runs.TryGetValue(hop, out var run))
        {
            _runs[hop] = run = RunAsync(hop);
        }

        return (await run)[(server, held)];
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

    private static Held[] KindsOf(string server) => AlsoAdopted.Contains(server) ? Enum.GetValues<Held>() : [Held.Nothing, Held.AsAdminLogin];

    private async Task<Dictionary<(string Server, Held Held), CrashedAccount>> RunAsync(Hop hop)
    {
        await StartAsync(hop);
        var crashed = new Dictionary<(string Server, Held Held), CrashedAccount>();
        foreach (var (server, (accounts, instance)) in _servers.Where(server => HasHop(server.Key, hop)))
        {
            foreach (var held in KindsOf(server))
            {
                crashed[(server, held)] = await CreateAsync(accounts, instance, held);
            }
        }

        var resets = crashed.Values.Select(account => Keyturn.Api.ResetAsync(account.Instance, account.User)).ToList();
        await Keyturn.UntilPausedAsync(hop.ToString(), resets.Count);
        await Keyturn.KillAsync();
        foreach (var reset in resets)
        {
            await Should.ThrowAsync<HttpRequestException>(reset);
        }

        await Keyturn.StartAsync();
        return crashed;
    }

    private async Task<CrashedAccount> CreateAsync(LabAccounts accounts, string instance, Held held)
    {
        if (held == Held.AsAdminLogin)
        {
            var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
            var own = await Keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
            return new CrashedAccount(accounts, own, admin.User);
        }

        var user = await accounts.CreateAsync();
        if (held == Held.Adopted)
        {
            (await Keyturn.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        }

        return new CrashedAccount(accounts, instance, user);
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
