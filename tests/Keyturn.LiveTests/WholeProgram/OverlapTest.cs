using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>An account whose old password a reset leaves valid for a while.</summary>
public abstract class OverlapTest : IAsyncLifetime
{
    protected KeyturnProcess Keyturn { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Keyturn = await KeyturnProcess.CreateAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Keyturn.DisposeAsync();
    }

    protected async Task<(string Instance, string User)> AdoptedAsync(LabAccounts accounts)
    {
        var instance = await Keyturn.Api.RegisterAsync(accounts.Server);
        var user = await accounts.CreateAsync();
        (await Keyturn.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        return (instance, user);
    }

    protected Task<ApiAnswer> KeepAsync(string instance, string user, int seconds) =>
        Keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new JsonObject { ["keep_old_for_seconds"] = seconds });

    protected async Task<string?> OldUntilAsync(string instance, string user) => (await Keyturn.Api.GetAsync(KeyturnApi.PathOf(instance, user)))["old_password_until"];
}
