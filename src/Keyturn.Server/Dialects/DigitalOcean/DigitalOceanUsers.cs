using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>
/// Users as DigitalOcean shows them: one per name, with the password where Keyturn holds it. A database that cannot be asked has the users
/// that Keyturn holds: Terraform makes a user again that it is told to be missing.
/// </summary>
internal sealed class DigitalOceanUsers(Roster roster, IInstanceStore instances, ISecretStore secrets, IAuditLog audit)
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
            ? lines.Where(line => line.Row is { ByPassword: true }).GroupBy(line => line.Name.User).Select(Merge)
            : (await instances.ListAccountsAsync(instance.Id, cancel)).Select(held => new Found(held.Name.User, Method: null, held)).DistinctBy(user => user.Name);
        return [.. users.OrderBy(user => user.Name, StringComparer.Ordinal)];
    }

    /// <summary>One user, or why there is none to show.</summary>
    public async ValueTask<Answer<Found>> FindAsync(Instance instance, string user, CancellationToken cancel)
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

    /// <summary>
    /// The account that a reset of this user is for: all of its rows, unless Keyturn holds it by the name of its only row, which is the same.
    /// </summary>
    public async ValueTask<AccountName> NameAsync(Instance instance, string user, CancellationToken cancel)
    {
        var name = new AccountName(user);
        if (await instances.FindOverlapAsync(instance.Id, name, cancel) is not { } held)
        {
            return name;
        }

        var inspected = await roster.InspectAsync(instance, name, cancel);
        return inspected.Value?.Rows.Count(row => row.ByPassword) == 1 ? held.Name : name;
    }

    /// <summary>The user with the password that is in force, if the caller may see it; while a reset is open nobody knows which that is, and none is shown.</summary>
    public async ValueTask<User> ShowAsync(Caller caller, Instance instance, Found user, CancellationToken cancel)
    {
        var versions = user.Held is { } held && caller.Scopes.Allows(KeyturnAction.RevealAccount) ? await secrets.ReadAsync(held.Id, limit: 1, cancel) : null;
        if (versions is not { OpenReset: null, Current: { } current })
        {
            return Render(instance, user, password: null);
        }

        var entry = new AuditEntry
        {
            Caller = caller,
            Action = "account.reveal",
            Outcome = "done",
            InstanceId = instance.Id,
            Account = user.Held!.Name.ToString(),
            Detail = "digitalocean",
        };
        await audit.AppendAsync(entry, cancel);
        return Render(instance, user, current.Password);
    }

    /// <summary>A user as it goes over the wire.</summary>
    public static User Render(Instance instance, Found user, Secret? password)
    {
        var isPrimary = user.Name == instance.Admin.User || user.Name == instance.MainAccount?.User;
        var settings = DigitalOceanEngines.Slug(instance) == DigitalOceanEngines.MySql && user.Method is { } method ? new MysqlSettings(method) : null;
        return new User(user.Name, isPrimary ? "primary" : "normal", password, settings);
    }

    private static Found Merge(IGrouping<string, RosterLine> rows)
    {
        var held = rows.Select(row => row.Held).FirstOrDefault(account => account is not null);
        return new Found(rows.Key, rows.First().Row!.Method, held);
    }
}
