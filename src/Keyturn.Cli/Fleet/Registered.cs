using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What the server has: its instances, and the accounts that it holds of them.</summary>
internal sealed class Registered
{
    private readonly Dictionary<string, JsonElement> _instances;
    private readonly ILookup<string, JsonElement> _accounts;

    private Registered(IReadOnlyList<JsonElement> instances, IReadOnlyList<JsonElement> accounts)
    {
        Instances = instances;
        Accounts = accounts;
        _instances = instances.ToDictionary(instance => instance.Text("name"), StringComparer.Ordinal);
        _accounts = accounts.ToLookup(account => account.Text("instance"), StringComparer.Ordinal);
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<JsonElement> Instances { get; }

    /// <summary>Of all instances, by name.</summary>
    public IReadOnlyList<JsonElement> Accounts { get; }

    public JsonElement? Find(string instance) => _instances.TryGetValue(instance, out var found) ? found : null;

    public IEnumerable<JsonElement> AccountsOf(string instance) => _accounts[instance];

    /// <exception cref="CommandFailure">The server refused, or did not answer.</exception>
    public static async Task<Registered> ReadAsync(Session session, CancellationToken cancel)
    {
        var instances = await AskAsync(session, new ApiRequest(HttpMethod.Get, ApiPath.Of("instances"), "Asking for the instances"), cancel);
        var accounts = new List<JsonElement>();
        string? after = null;
        do
        {
            var path = ApiPath.Of("accounts").WithQuery(("after", after), ("limit", "1000"));
            var page = await AskAsync(session, new ApiRequest(HttpMethod.Get, path, "Asking for the accounts"), cancel);
            accounts.AddRange(page.Items("accounts"));
            after = page.Text("next") is { Length: > 0 } next ? next : null;
        }
        while (after is not null);

        var ordered = accounts.OrderBy(account => account.Text("instance"), StringComparer.Ordinal).ThenBy(account => account.Text("name"), StringComparer.Ordinal);
        return new Registered([.. instances.Items("instances")], [.. ordered]);
    }

    public static AccountKey KeyOf(JsonElement account) => AccountKey.Of(account.Text("user"), account.Text("host"), account.Text("auth_database"));

    /// <summary>The answer to what must not fail.</summary>
    public static async Task<JsonElement> AskAsync(Session session, ApiRequest request, CancellationToken cancel)
    {
        var answer = await session.SendAsync(request, cancel);
        if (answer.IsSuccess)
        {
            return answer.Body;
        }

        var problem = new Problem(answer.Status, answer.Body);
        throw new CommandFailure(problem.ExitCode, problem.Line());
    }
}
