using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ImportAccounts
{
    /// <summary>
    /// Lets Keyturn know accounts that exist on the server, without a password: they can be adopted, reset and scheduled then. Changes nothing on the
    /// server, and nobody logs in as them.
    /// </summary>
    public static async Task<Results<Ok<ImportAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Importer importer, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.ImportBody, cancel);
        if ((body.Fault ?? FaultOf(body.Value)) is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var named = body.Value!.All ? null : body.Value.Accounts!.Select(ToImport).ToList();
        foreach (var account in body.Value.Accounts ?? [])
        {
            await http.RequireForProofAsync(instances, found, ToImport(account).Name, account!.Proof, cancel);
        }

        var outcome = await importer.ImportAsync(http.Caller(), found, named, body.Value.DryRun, cancel);
        return outcome.Value is { } accounts ? TypedResults.Ok(new ImportAnswer([.. accounts.Select(ImportedWire.Of)])) : Problems.Of(http, outcome.Failure!);
    }

    private static string? FaultOf(ImportBody? body) => body switch
    {
        { All: true, Accounts: null } => null,
        { All: false, Accounts: { Count: > 0 } accounts } => accounts.All(account => account?.User is { Length: > 0 }) ? null : "Each of accounts has a user.",
        _ => "Either all is true, or accounts names them.",
    };

    private static AccountToImport ToImport(ImportWire? account) =>
        new(new AccountName(account!.User!, account.Host, account.AuthDatabase), account.Proof ?? ProofMode.Login);
}
