using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>
/// Works out what has to be sent so that a password becomes an account's only one. Rows come in name order; what does not authenticate by
/// password is left as it is.
/// </summary>
internal sealed class PasswordPlan(ServerFlavor flavor, ServerFacts server, SendMode send)
{
    /// <summary>The host of a row that is made where none was named.</summary>
    private const string AnyHost = "%";

    /// <summary>The statements, or why there can be none.</summary>
    public Answer<IReadOnlyList<string>> Statements(PasswordChange change, IReadOnlyList<StoredAccount> rows, StatusFlags session)
    {
        if (rows.Count == 0)
        {
            return change.CreateIfMissing ? Create(change, session) : Missing(change.Account);
        }

        var byPassword = rows.Where(row => row.IsByPassword).ToList();
        if (byPassword.Count == 0)
        {
            return new Failure(EngineError.AccountHasNoPassword, $"{change.Account} authenticates by {rows[0].Methods[0].Plugin}.");
        }

        var unspoken = byPassword.SelectMany(row => row.Methods).Where(method => method.IsByPassword).Select(method => change.AuthPlugin ?? method.Plugin)
            .FirstOrDefault(plugin => !IsSpoken(plugin));
        return unspoken is null
            ? Answer.Of<IReadOnlyList<string>>(
            [
                .. flavor.AlterStatements([.. byPassword.Select(row => new NewMethods(row.Name, [.. Renew(row, change)]))], session),
                .. DatabaseRights.Grants(change.Roles, byPassword.Select(row => row.Name)),
            ])
            : Unsupported(unspoken);
    }

    /// <summary>There is no such account.</summary>
    public static Failure Missing(AccountName account) => new(EngineError.AccountMissing, $"There is no account {account}.");

    private Answer<IReadOnlyList<string>> Create(PasswordChange change, StatusFlags session)
    {
        var plugin = change.AuthPlugin ?? flavor.DefaultPlugin;
        if (!IsSpoken(plugin))
        {
            return Unsupported(plugin);
        }

        var row = change.Account with { Host = change.Account.Host ?? AnyHost };
        return Answer.Of<IReadOnlyList<string>>(
            [flavor.CreateStatement(new NewMethods(row, [NewMethod.Of(plugin, change.Password, flavor, server, send)]), session), .. DatabaseRights.Grants(change.Roles, [row])]);
    }

    /// <summary>An older password beside the present one is a second method of the same plugin: one of each is left.</summary>
    private IEnumerable<NewMethod> Renew(StoredAccount row, PasswordChange change)
    {
        var renewed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in row.Methods)
        {
            if (!method.IsByPassword)
            {
                yield return NewMethod.Of(method);
            }
            else if (renewed.Add(change.AuthPlugin ?? method.Plugin))
            {
                yield return NewMethod.Of(change.AuthPlugin ?? method.Plugin, change.Password, flavor, server, send);
            }
        }
    }

    private bool IsSpoken(string plugin) => server.MayHavePlugin(plugin) && flavor.VerifierOf(plugin, server) is not null;

    private Failure Unsupported(string plugin) => new(EngineError.Unsupported, server.MayHavePlugin(plugin)
        ? $"Keyturn cannot make a password for the plugin {plugin} of {flavor.Product}."
        : $"This {flavor.Product} has no plugin {plugin}, or has not loaded it.");
}
