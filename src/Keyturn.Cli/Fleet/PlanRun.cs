using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Commands;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What came of one instance or account.</summary>
/// <param name="Name">Instance, or instance and account.</param>
/// <param name="Word">What was done: registered, changed, imported, failed, skipped.</param>
/// <param name="Code">What that means to a script.</param>
/// <param name="Reason">Why it failed or was skipped.</param>
internal sealed record Outcome(string Name, string Word, ExitCode Code = ExitCode.Done, string? Reason = null)
{
    public JsonObject Json() => new() { ["name"] = Name, ["outcome"] = Word, ["reason"] = Reason };
}

/// <summary>Carries a plan out, one thing after the other. What fails keeps nothing of another instance from being done.</summary>
internal sealed class PlanRun(Session session, AdminPasswords passwords, Action<Outcome> tell)
{
    private readonly List<Outcome> _outcomes = [];

    public IReadOnlyList<Outcome> Outcomes => _outcomes;

    public async Task RunAsync(IReadOnlyList<InstancePlan> plans, CancellationToken cancel)
    {
        foreach (var plan in plans.Where(plan => !plan.IsUnchanged))
        {
            if (plan.Action == PlanAction.Unchanged || await RegisterAsync(plan, cancel))
            {
                await RunAccountsAsync(plan, cancel);
            }
            else if (plan.Accounts.Any(account => account.Action != PlanAction.Unchanged))
            {
                Tell(new Outcome($"{plan.Declared.Name}, its accounts", "skipped", ExitCode.Done, "the instance comes first."));
            }
        }
    }

    private async Task<bool> RegisterAsync(InstancePlan plan, CancellationToken cancel)
    {
        var name = plan.Declared.Name;
        var body = plan.Body.DeepClone().AsObject();
        if (plan.NeedsAdminPassword)
        {
            body["admin"]!["password"] = passwords.Find(name)!.Reveal();
        }

        return plan.Action == PlanAction.Register
            ? await SendAsync(name, "registered", new ApiRequest(HttpMethod.Post, ApiPath.Of("instances"), $"Registering {name}") { Body = body }, cancel)
            : await SendAsync(name, "changed", new ApiRequest(HttpMethod.Patch, ApiPath.Of("instances", name), $"Changing {name}") { Body = body }, cancel);
    }

    private async Task RunAccountsAsync(InstancePlan plan, CancellationToken cancel)
    {
        var held = await ImportAsync(plan, cancel);
        foreach (var account in plan.Accounts.Where(account => account.Action == PlanAction.Change || held.Contains(account.Declared.Key)))
        {
            await ChangeAsync(plan.Declared.Name, account, cancel);
        }
    }

    /// <summary>The accounts that Keyturn holds now and did not before.</summary>
    private async Task<HashSet<AccountKey>> ImportAsync(InstancePlan plan, CancellationToken cancel)
    {
        var wanted = plan.Accounts.Where(account => account.Action == PlanAction.Import).Select(account => account.Declared).ToList();
        if (wanted.Count == 0)
        {
            return [];
        }

        var name = plan.Declared.Name;
        var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", name, "import"), $"Reading the accounts of {name}")
        {
            Body = new JsonObject { ["accounts"] = new JsonArray([.. wanted.Select(Wire)]) },
        };
        var answer = await session.SendAsync(request, cancel);
        if (!answer.IsSuccess)
        {
            var problem = new Problem(answer.Status, answer.Body);
            Tell(new Outcome($"{name}, its accounts", "failed", problem.ExitCode, problem.Line()));
            return [];
        }

        var held = new HashSet<AccountKey>();
        foreach (var account in answer.Body.Items("accounts"))
        {
            var result = account.Text("result");
            var isHeld = result is "imported" or "held";
            Tell(new Outcome($"{name}, account {account.Text("name")}", isHeld ? "imported" : result, isHeld ? ExitCode.Done : ExitCode.Refused, isHeld ? null : account.Text("reason")));
            if (isHeld)
            {
                held.Add(Registered.KeyOf(account));
            }
        }

        return held;
    }

    private static JsonObject Wire(DeclaredAccount account)
    {
        var body = new JsonObject { ["user"] = account.Key.User };
        body.AddIfGiven("host", account.Key.Host);
        body.AddIfGiven("auth_database", account.Key.AuthDatabase);
        body.AddIfGiven("proof", account.Proof);
        return body;
    }

    private async Task ChangeAsync(string instance, AccountPlan plan, CancellationToken cancel)
    {
        var (key, declared) = (plan.Declared.Key, plan.Declared);
        var address = new AccountAddress(instance, key.User, key.Host, key.AuthDatabase);
        foreach (var difference in plan.Differences)
        {
            var request = difference.Member switch
            {
                // An import has brought its proof along.
                "proof" when plan.Action == PlanAction.Import => null,
                "proof" => new ApiRequest(HttpMethod.Patch, address.Path(), "Asking the server") { Body = new JsonObject { ["proof"] = declared.Proof } },
                _ when declared.EveryDays == 0 => new ApiRequest(HttpMethod.Delete, address.Path("schedule"), "Asking the server"),
                _ => new ApiRequest(HttpMethod.Put, address.Path("schedule"), "Asking the server") { Body = new JsonObject { ["every_days"] = declared.EveryDays } },
            };
            if (request is not null)
            {
                await SendAsync($"{instance}, account {key}", $"changed ({difference.Member})", request, cancel);
            }
        }
    }

    private async Task<bool> SendAsync(string name, string done, ApiRequest request, CancellationToken cancel)
    {
        var answer = await session.SendAsync(request, cancel);
        var problem = new Problem(answer.Status, answer.Body);
        Tell(answer.IsSuccess ? new Outcome(name, done) : new Outcome(name, "failed", problem.ExitCode, problem.Line()));
        foreach (var warning in answer.IsSuccess ? answer.Body.Items("warnings") : [])
        {
            session.Terminal.Error.WriteLine($"keyturn: warning: {name}: {Printable.Of(warning.GetString() ?? "")}");
        }

        return answer.IsSuccess;
    }

    private void Tell(Outcome outcome)
    {
        _outcomes.Add(outcome);
        tell(outcome);
    }
}
