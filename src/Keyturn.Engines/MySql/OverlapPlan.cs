using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Whose password a stored verifier is.</summary>
internal enum Owner
{
    /// <summary>No password of the account's: a socket, a service.</summary>
    None,

    /// <summary>The new one's, or of a discard the one that stays.</summary>
    New,

    /// <summary>The one before.</summary>
    Old,

    /// <summary>Somebody else's, or one that Keyturn cannot tell.</summary>
    Other,
}

/// <summary>A row of an account that has, or is to have, two passwords.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Methods">Its ways to authenticate, and whose they are.</param>
/// <param name="Retained">MySQL: whose the older password is that it has beside; null where it has none.</param>
internal sealed record OverlapRow(AccountName Name, IReadOnlyList<(StoredMethod Method, Owner Owner)> Methods, Owner? Retained)
{
    public bool Has(Owner owner) => Methods.Any(method => method.Owner == owner);
}

/// <summary>Works out what has to be sent so that an old password stays valid beside the new one, or no longer is.</summary>
internal sealed class OverlapPlan(ServerFlavor flavor, ServerFacts server, SendMode send)
{
    /// <summary>The statements that make the password the account's and leave <paramref name="old"/> beside it, or why there can be none.</summary>
    public Answer<IReadOnlyList<string>> Keep(PasswordChange change, Secret old, IReadOnlyList<StoredAccount> rows, StatusFlags session)
    {
        var owned = Owned(rows, change.Password, old);
        return owned.Find(row => !row.Has(Owner.New) && !row.Has(Owner.Old)) is { } strange ? NotInForce(strange)
            : owned.Count == 0 ? NoPassword(change.Account, rows)
            : Obstacle(owned) is { } obstacle ? new Failure(EngineError.Unsupported, $"{change.Account} cannot keep its old password: {obstacle}.")
            : Answer.Of(flavor.KeepStatements(owned, plugin => NewMethod.Of(plugin, change.Password, flavor, server, send), session));
    }

    /// <summary>The statements that leave the password the only one, or why there can be none.</summary>
    public Answer<IReadOnlyList<string>> Discard(AccountName account, Secret password, Secret? old, IReadOnlyList<StoredAccount> rows, StatusFlags session)
    {
        var owned = Owned(rows, password, old);
        return owned.Find(row => !row.Has(Owner.New)) is { } strange ? NotInForce(strange)
            : owned.Find(row => row.Has(Owner.Other)) is { } third
                ? new Failure(EngineError.WrongPassword, $"{third.Name} has a password that is neither the present one nor the one before it: reset the account.")
            : owned.Count == 0 ? NoPassword(account, rows)
            : Answer.Of(flavor.DiscardStatements(owned, session));
    }

    /// <summary>Whether the two are the account's, and no other is.</summary>
    public Readback ReadBack(IReadOnlyList<StoredAccount> rows, Secret password, Secret old)
    {
        var owned = Owned(rows, password, old);
        return new Readback(
            rows.Count == 0 ? ReadbackVerdict.Missing
            : owned.Count > 0 && owned.TrueForAll(row => row.Has(Owner.New) && !row.Has(Owner.Other) && (row.Retained ?? Owner.None) != Owner.Other
                && (row.Has(Owner.Old) || row.Retained == Owner.Old)) ? ReadbackVerdict.Matches
            : ReadbackVerdict.Differs);
    }

    /// <summary>The rows that authenticate by password.</summary>
    private List<OverlapRow> Owned(IReadOnlyList<StoredAccount> rows, Secret password, Secret? old) =>
    [
        .. from row in rows
           where row.IsByPassword
           let methods = row.Methods.Select(method => (method, method.IsByPassword ? OwnerOf(method.Plugin, method.Stored, password, old) : Owner.None)).ToList()
           select new OverlapRow(row.Name, methods, row.Retained is { } retained ? OwnerOf(row.Methods[0].Plugin, retained, password, old) : null),
    ];

    private Owner OwnerOf(string plugin, string stored, Secret password, Secret? old) => flavor.VerifierOf(plugin, server) switch
    {
        { } verifier when verifier.Matches(stored, password.Reveal()) == true => Owner.New,
        { } verifier when old is not null && verifier.Matches(stored, old.Reveal()) == true => Owner.Old,
        _ => Owner.Other,
    };

    private string? Obstacle(IEnumerable<OverlapRow> rows) => rows.SelectMany(row => row.Methods).Where(method => method.Owner != Owner.None)
        .Select(method => flavor.ObstacleToKeeping(method.Method.Plugin)).OfType<string>().FirstOrDefault();

    private static Failure NotInForce(OverlapRow row) => new(EngineError.WrongPassword, $"{row.Name} has another password than the one that Keyturn holds.");

    private static Failure NoPassword(AccountName account, IReadOnlyList<StoredAccount> rows) => rows.Count == 0
        ? PasswordPlan.Missing(account)
        : new Failure(EngineError.AccountHasNoPassword, $"{account} authenticates by {rows[0].Methods[0].Plugin}.");
}
