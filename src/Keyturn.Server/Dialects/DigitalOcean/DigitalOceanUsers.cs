using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>
/// Users as DigitalOcean shows them: one per name, with the password where Keyturn holds it. A database that cannot be asked has the users
/// that Keyturn holds: Terraform makes a user again that it is told to be missing.
/// </summary>
internal sealed class DigitalOceanUsers(Roster roster, IInstanceStore instances, SecretReader secrets)
{
    /// <summary>A user before its password is looked up.</summary>
    /// <param name="Name">The user.</param>
    /// <param name="Method">How it authenticates; null where the database could not be asked.</param>
    /// <param name="Held">What Keyturn holds of it.</param>
    public sealed record Found(string Name, string? Method, Account? Held);

    /// <summary>All users, by name.</summary>
    public async ValueTask<IReadOnlyList<Found>> ListAsync(Instance instance, CancellationToken cancel)
    {
        var listed = await roster.ListAsync(instance, cancel);
        var users = listed.Value is { } lines
            ? lines.Where(line => line.Row is { ByPassword: true } && IsShown(instance, line.Name)).GroupBy(line => line.Name.User).Select(Merge)
            : (await instances.ListAccountsAsync(instance.Id, cancel)).Where(held => IsShown(instance, held.Name)).Select(held => new Found(held.Name.User, Method: null, held)).DistinctBy(user => user.Name);
        return [.. users.OrderBy(user => user.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The user with the password that is in force, if the caller may see it: for lists, which do not wait. While a reset is open nobody knows
    /// which that is, and none is shown; that of Keyturn's own login is not for every list, unless it is the main account too.
    /// </summary>
    public async ValueTask<User> ShowAsync(Caller caller, Instance instance, Found user, CancellationToken cancel)
    {
        var mayReveal = caller.May(new RequestedAction(KeyturnAction.RevealAccount), instance) && (user.Name != instance.Admin.User || user.Name == instance.MainAccount?.User);
        var secret = mayReveal && user.Held is { } held ? await secrets.FindAsync(caller, instance, held.Name, cancel) : null;
        return Render(instance, user, secret?.Password);
    }

    /// <summary>One user with its password, if the caller may see it, or what to answer instead: an open reset is waited for, then is a conflict.</summary>
    public async ValueTask<(User? User, JsonHttpResult<DigitalOceanError>? Error)> ReadAsync(HttpContext http, Instance instance, string name, CancellationToken cancel)
    {
        var found = await FindAsync(instance, name, cancel);
        if (found.Value is not { } user)
        {
            return (null, DigitalOceanErrors.Of(http, found.Failure!));
        }

        var caller = http.Caller();
        var revealed = user.Held is { } held && caller.May(new RequestedAction(KeyturnAction.RevealAccount), instance) ? await secrets.RevealAsync(caller, instance, held.Name, cancel) : null;
        return revealed?.Refusal is { Reason: RefusalReason.Busy or RefusalReason.Unverified } open
            ? (null, DigitalOceanErrors.Of(http, open))
            : (Render(instance, user, revealed is { Versions: [var current, ..] } ? current.Password : null), null);
    }

    /// <summary>What came of a reset or of making a user: the user with its new password, whoever asked, or what to answer instead.</summary>
    public async ValueTask<(User? User, JsonHttpResult<DigitalOceanError>? Error)> AnswerAsync(HttpContext http, Instance instance, ResetOutcome outcome)
    {
        if (outcome.Reset is not { } reset)
        {
            return (null, DigitalOceanErrors.Of(http, outcome.Refusal!));
        }

        http.AnswerWith(reset);
        if (reset.State != ResetState.Done)
        {
            return (null, DigitalOceanErrors.Of(http, reset));
        }

        var name = reset.Account.Name.User;
        return (Render(instance, new Found(name, reset.AuthPlugin ?? await MethodAsync(instance, name), reset.Account), outcome.Password), null);
    }

    private async ValueTask<Answer<Found>> FindAsync(Instance instance, string user, CancellationToken cancel)
    {
        var name = new AccountName(user);
        var held = await instances.FindAccountAsync(instance.Id, name, cancel) ?? await instances.FindOverlapAsync(instance.Id, name, cancel);
        var inspected = await roster.InspectAsync(instance, name, cancel);
        return inspected switch
        {
            { Value.Rows: [var first, ..] rows } => Answer.Of(new Found(user, (rows.FirstOrDefault(row => row.ByPassword) ?? first).Method, held)),
            { Value: not null } => new Failure(EngineError.AccountMissing, $"There is no user {user}."),
            _ when held is not null => Answer.Of(new Found(user, Method: null, held)),
            _ => inspected.Failure!,
        };
    }

    /// <summary>The plugin is shown for MySQL where it is known; that it cannot be read now does not unmake the reset.</summary>
    private async ValueTask<string?> MethodAsync(Instance instance, string user)
    {
        if (DigitalOceanEngines.Slug(instance) != DigitalOceanEngines.MySql)
        {
            return null;
        }

        try
        {
            return (await FindAsync(instance, user, CancellationToken.None)).Value?.Method;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static User Render(Instance instance, Found user, Secret? password)
    {
        var isPrimary = user.Name == instance.Admin.User || user.Name == instance.MainAccount?.User;
        return new User(user.Name, isPrimary ? "primary" : "normal", password, MysqlSettings.Of(instance, user.Method));
    }

    /// <summary>Accounts of nobody's are not shown. MongoDB: all of DigitalOcean's users are in admin.</summary>
    private static bool IsShown(Instance instance, AccountName name) => name.AuthDatabase is null && ReservedAccounts.Find(instance.Engine, name) is null;

    private static Found Merge(IGrouping<string, RosterLine> rows)
    {
        var held = rows.Select(row => row.Held).FirstOrDefault(account => account is not null);
        return new Found(rows.Key, rows.First().Row!.Method, held);
    }
}
