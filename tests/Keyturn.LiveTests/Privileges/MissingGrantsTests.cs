using System.Net;
using System.Text.Json.Nodes;
using Keyturn.LiveTests.WholeProgram;

namespace Keyturn.LiveTests.Privileges;

/// <summary>From a login that has nothing to a reset that is proved, by what Keyturn prints and nothing else.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
public sealed class MissingGrantsTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>
{
    private const string Missing = "Missing: ";

    public static TheoryData<string> Servers { get; } =
        ["postgresql-15", "postgresql-17", "postgresql-18", "mysql-9.7", "mariadb-10.11", "mariadb-11.8", "redis-7", "redis-8", "valkey-9"];

    private KeyturnApi Api => keyturn.Api;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Inspect_LoginWithNothing_PrintsAllThatAResetNeeds(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var (admin, app) = (new LabLogin(await accounts.CreateAsync(), LabAccounts.OldPassword), await accounts.CreateAsync());
        await using var trial = await AdminTrial.CreateAsync(accounts, app, []);
        var instance = await RegisterAsync(trial, accounts.Server, admin);

        var refused = await Api.ResetAsync(instance, app);
        refused["cause"].ShouldBe("admin-lacks-privilege", refused.Body.ToJsonString());
        refused["detail"].ShouldNotBeNull().ShouldContain(Missing);
        (await accounts.LoginAsync(app, LabAccounts.OldPassword)).ShouldBe(Engines.Login.Accepted);

        await RunAsync(trial, StatementsOf(await NodeAsync(instance)));
        StatementsOf(await NodeAsync(instance)).ShouldBeEmpty();
        await RunAsync(trial, StatementsOf((await InspectAsync(instance, app)).Body));
        StatementsOf((await InspectAsync(instance, app)).Body).ShouldBeEmpty();

        var done = await Api.ResetAsync(instance, app);
        done.ShouldBe(HttpStatusCode.OK);
        done.Body["reset"]!["proof"]!.ToString().ShouldBe("login");
        (await accounts.LoginAsync(app, done["password"]!)).ShouldBe(Engines.Login.Accepted);
        (await Api.PostAsync($"/api/v1/instances/{instance}/rotate-admin", body: null)).ShouldBe(HttpStatusCode.OK);
        (await Api.ResetAsync(instance, app)).ShouldBe(HttpStatusCode.OK);
        await trial.GrantAsync(accounts.Server.Engine == "postgresql" ? [$"DROP OWNED BY {admin.User}"] : []);
    }

    /// <summary>Registering warns of what resets lack. A server that may not even be asked what it is refuses, and says what that takes.</summary>
    private async Task<string> RegisterAsync(AdminTrial trial, LabServer server, LabLogin admin)
    {
        var changes = new JsonObject { ["admin"] = KeyturnApi.Login(admin) };
        var answer = await Api.TryRegisterAsync(server, changes);
        if (answer.Status != HttpStatusCode.Created)
        {
            answer["cause"].ShouldBe("admin-lacks-privilege", answer.Body.ToJsonString());
            await RunAsync(trial, [answer["detail"]!.Split(Missing)[1]]);
            answer = await Api.TryRegisterAsync(server, changes);
        }

        answer.ShouldBe(HttpStatusCode.Created);
        answer.Body["warnings"].ShouldNotBeNull().AsArray().ShouldContain(warning => warning!.ToString().Contains(Missing));
        return answer["name"]!;
    }

    private static Task RunAsync(AdminTrial trial, IReadOnlyList<string> statements) => trial.GrantAsync(statements);

    private async Task<JsonNode> NodeAsync(string instance)
    {
        var answer = await Api.GetAsync($"/api/v1/instances/{instance}/inspect");
        answer.ShouldBe(HttpStatusCode.OK);
        return answer.Body["nodes"]![0]!;
    }

    private async Task<ApiAnswer> InspectAsync(string instance, string user)
    {
        var answer = await Api.GetAsync(KeyturnApi.PathOf(instance, user));
        answer.ShouldBe(HttpStatusCode.OK);
        return answer;
    }

    private static IReadOnlyList<string> StatementsOf(JsonNode inspected) =>
        [.. (inspected["missing_grants"]?.AsArray() ?? []).SelectMany(missing => missing!["statements"]!.AsArray()).Select(statement => statement!.ToString()).Distinct()];
}
