using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>The whole server, and a user with a password in either project. Verifying a password is slow on purpose: the tests share one.</summary>
public sealed class IamServer : IAsyncLifetime
{
    public const string Password = "S1gn-in-here";
    private static readonly byte[] Hash = new SignInPasswords().Hash(new Secret(Password));
    private static readonly byte[] AnothersHash = new SignInPasswords().Hash(new Secret("Another-0ne"));

    /// <summary>The system's by default.</summary>
    internal TimeProvider? Clock { get; init; }

    internal RunningServer Running { get; private set; } = null!;

    internal Project Project { get; private set; } = null!;

    internal Principal User { get; private set; } = null!;

    internal Principal Stranger { get; private set; } = null!;

    /// <summary>A token of <see cref="User"/> for the whole account.</summary>
    internal string Token { get; private set; } = null!;

    /// <summary>As the server shows it.</summary>
    internal string DomainId { get; private set; } = null!;

    internal IPrincipalStore Principals => Running.Store.Principals;

    public async ValueTask InitializeAsync()
    {
        Running = await RunningServer.StartAsync(clock: Clock);
        Project = (await Principals.FindProjectAsync("project-of-operator", default))! with { Region = "eu-de" };
        var entry = new AuditEntry { Caller = Caller.Keyturn(Project.Id), Action = "project.change", Outcome = "done" };
        (await Principals.ChangeProjectAsync(Project, entry, default)).ShouldBeTrue();
        User = await AddUserAsync("user A", Project.Id);
        Stranger = await AddUserAsync("user B", (await Principals.FindProjectAsync("project-of-stranger", default))!.Id);

        var body = """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"USER","password":"PASSWORD"}}}}}"""
            .Replace("USER", User.Id.ToString("N"), StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal);
        using var response = await Running.Anonymous.PostAsync("/v3/auth/tokens", new StringContent(body));
        Token = response.Headers.GetValues("X-Subject-Token").Single();
        DomainId = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!["domain"]!["id"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => Running.DisposeAsync();

    internal async Task<Principal> AddUserAsync(string name, Guid projectId, DateTimeOffset? expiresAt = null, Scopes? scopes = null)
    {
        var user = new Principal(Guid.NewGuid(), projectId, name, TimeProvider.System.GetUtcNow()) { IsOwner = true };
        (await Principals.AddAsync(user, audit: null, default)).ShouldBeTrue();
        await SetPasswordAsync(user, expiresAt, scopes);
        return user;
    }

    internal async Task SetPasswordAsync(Principal user, DateTimeOffset? expiresAt = null, Scopes? scopes = null, bool isAnother = false) => await Principals.AddCredentialAsync(
        new PrincipalCredential(Guid.NewGuid(), user.Id, CredentialKind.Password, "test", TimeProvider.System.GetUtcNow()) { ExpiresAt = expiresAt, Scopes = scopes ?? Scopes.All },
        new CredentialMaterial(isAnother ? AnothersHash : Hash),
        audit: null,
        default);

    internal Task<HttpResponseMessage> SignInAsync(string scope, string query = "", string user = "user A", string domain = "project-of-operator") => PostAsync(
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"WHO","password":"PASSWORD","domain":{"name":"ACCOUNT"}}}},"scope":WHERE}}"""
            .Replace("WHO", user, StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal)
            .Replace("ACCOUNT", domain, StringComparison.Ordinal).Replace("WHERE", scope, StringComparison.Ordinal),
        query);

    internal async Task<string> TokenAsync(string scope, string user = "user A", string domain = "project-of-operator")
    {
        using var response = await SignInAsync(scope, user: user, domain: domain);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return response.Headers.GetValues("X-Subject-Token").Single();
    }

    internal async Task<HttpResponseMessage> PostAsync(string body, string query = "")
    {
        using var request = Running.Request(HttpMethod.Post, "/v3/auth/tokens" + query);
        request.Content = new StringContent(body, Encoding.UTF8);
        return await Running.Anonymous.SendAsync(request);
    }

    internal async Task<(int Status, string Text)> SendAsync(HttpMethod method, string target, string token, string? subject = null)
    {
        using var request = Running.Request(method, target);
        request.Headers.Add("X-Auth-Token", token);
        if (subject is not null)
        {
            request.Headers.Add("X-Subject-Token", subject);
        }

        using var response = await Running.Anonymous.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    internal string Filled(string text) => text
        .Replace("DOMAIN", DomainId, StringComparison.Ordinal)
        .Replace("PROJECT", Project.Id.ToString("N"), StringComparison.Ordinal)
        .Replace("USER", User.Id.ToString("N"), StringComparison.Ordinal);

    /// <summary>How many refused sign-ins the audit log tells of: of those of one second some only by their number.</summary>
    internal async Task<int> RefusalsAsync() =>
        (await AuditAsync(Project.Id)).Concat(await AuditAsync(Stranger.ProjectId)).Concat(await AuditAsync(Guid.Empty))
            .Where(entry => entry is { Action: "session.open", Outcome: "refused" })
            .Sum(entry => entry.Detail!.Split(' ') is [_, var count, "more", ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 1);

    internal async Task<IEnumerable<AuditEntry>> AuditAsync(Guid projectId) => (await Running.Store.Audit.ListAsync(projectId, 1000, default)).Select(row => row.Entry);
}
