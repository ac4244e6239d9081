using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// A secret is seen only by who may see it: passwords that went through every kind of request are in no log of Keyturn's at its lowest
/// level, not in its store or its arguments, and not in what the server shows of its statements.
/// </summary>
[Collection(ServerSettings.Name)]
public sealed class CanaryTests
{
    private readonly List<string> _canaries = [];
    private readonly List<string> _answers = [];

    /// <param name="server">The server.</param>
    /// <param name="evidence">What its statement log shows of a reset: without it the log was not on.</param>
    [Theory]
    [InlineData("postgresql-15", "PASSWORD ''SCRAM-SHA-256$")]
    [InlineData("mariadb-10.11", "ALTER USER `")]
    [InlineData("mysql-9.7", "ALTER USER `")]
    [InlineData("redis-7", "(redacted)")]
    [InlineData("valkey-9", "(redacted)")]
    public async Task EveryRequest_LowestLogLevel_NoPasswordIsShown(string server, string evidence)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin, NewCanary());
        var user = await accounts.CreateAsync();
        await using var log = LogOf(accounts, admin);
        await log.StartAsync();
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync(logLevel: "Trace");

        await UseAsync(keyturn.Api, accounts, admin, user);

        keyturn.Output.ShouldContain("POST /api/v1/instances/{instance}/accounts/{user}/reset");
        ShouldShowNone(keyturn.Output, "Keyturn's output");
        ShouldShowNone(await File.ReadAllTextAsync($"/proc/{keyturn.ProcessId}/cmdline"), "the arguments");
        // Killed, so that the store's log is there as it was.
        await keyturn.KillAsync();
        var stored = "";
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(keyturn.StorePath)!))
        {
            stored += await File.ReadAllTextAsync(file, Encoding.Latin1);
        }

        stored.ShouldContain(user);
        ShouldShowNone(stored, "the store");

        var seen = await log.ReadAsync();
        seen.ShouldContain(evidence);
        ShouldShowNone(seen, "the server's log");
        _answers.ForEach(answer => ShouldShowNone(answer, "an answer"));
    }

    private static IStatementLog LogOf(LabAccounts accounts, LabLogin admin) => accounts.Server.Engine switch
    {
        "postgresql" => new PostgreSqlStatementLog(accounts, admin),
        "mysql" or "mariadb" => new GeneralLog(accounts),
        _ => new RedisWatch(accounts),
    };

    private string NewCanary()
    {
        var canary = $"Canary-{Guid.NewGuid():N}";
        _canaries.Add(canary);
        return canary;
    }

    private void ShouldShowNone(string text, string where) =>
        _canaries.ShouldAllBe(canary => !text.Contains(canary, StringComparison.Ordinal), where);

    private async Task UseAsync(KeyturnApi api, LabAccounts accounts, LabLogin admin, string user)
    {
        var instance = await api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
        var path = KeyturnApi.PathOf(instance, user);
        var given = NewCanary();
        (await api.ResetAsync(instance, user, given)).ShouldBe(HttpStatusCode.OK);
        var created = LabAccounts.NewUser();
        accounts.Remember(created);
        (await api.PostAsync($"/api/v1/instances/{instance}/accounts", new JsonObject { ["user"] = created, ["password"] = NewCanary() })).ShouldBe(HttpStatusCode.Created);
        await KeepAsync(HttpStatusCode.OK, api.PostAsync($"{path}/check", new JsonObject { ["password"] = given }));
        await KeepAsync(HttpStatusCode.OK, api.PostAsync($"{path}/check", new JsonObject { ["password"] = NewCanary() }));
        await KeepAsync(HttpStatusCode.OK, api.AdoptAsync(instance, user, given));
        await KeepAsync(HttpStatusCode.OK, api.PostAsync($"{path}/verify", body: null));
        await FailAsync(api, accounts, instance, user);
        await KeepAsync(HttpStatusCode.OK, api.GetAsync("/api/v1/audit"));
        await KeepAsync(HttpStatusCode.OK, api.GetAsync("/api/v1/resets"));
        var generated = await api.ResetAsync(instance, user);
        generated.ShouldBe(HttpStatusCode.OK);
        _canaries.Add(generated["password"]!);
    }

    private async Task FailAsync(KeyturnApi api, LabAccounts accounts, string instance, string user)
    {
        var path = KeyturnApi.PathOf(instance, user);
        await KeepAsync(HttpStatusCode.FailedDependency, api.AdoptAsync(instance, user, NewCanary()));
        await KeepAsync(HttpStatusCode.NotFound, api.ResetAsync(instance, LabAccounts.NewUser(), NewCanary()));
        await KeepAsync(HttpStatusCode.NotFound, api.ResetAsync("no-such-instance", user, NewCanary()));
        await KeepAsync(HttpStatusCode.UnprocessableEntity, api.ResetAsync(instance, user, $"{NewCanary()}\n"));
        await KeepAsync(HttpStatusCode.BadRequest, api.PostAsync($"{path}/reset", new JsonObject { ["password"] = new JsonArray(NewCanary()) }));
        await KeepAsync(HttpStatusCode.BadRequest, api.PostAsync($"{path}/check", new JsonObject { ["passwort"] = NewCanary() }));
        var wrong = new JsonObject { ["admin"] = KeyturnApi.Login(accounts.Server.Admin with { Password = NewCanary() }) };
        await KeepAsync(HttpStatusCode.FailedDependency, api.TryRegisterAsync(accounts.Server, wrong));
    }

    private async Task KeepAsync(HttpStatusCode status, Task<ApiAnswer> asked)
    {
        var answer = await asked;
        answer.ShouldBe(status);
        _answers.Add(answer.Body.ToJsonString());
    }
}
