using Keyturn.Instances;

namespace Keyturn.Engines.MySql;

/// <summary>What the admin login may do, and the statements that grant what it may not.</summary>
/// <param name="flavor">Whose privileges.</param>
/// <param name="admin">The row that the admin login came in by.</param>
/// <param name="lines">Of its SHOW GRANTS.</param>
internal sealed class AdminGrants(ServerFlavor flavor, AccountName admin, IEnumerable<string> lines)
{
    private const string CreateUser = "CREATE USER";
    private const string Super = "SUPER";

    private readonly HeldGrants _held = new(lines);

    /// <summary>
    /// True once something was named as missing. Servers let new connections have a global privilege, and not those that are open, so that this one would not
    /// see it granted.
    /// </summary>
    public bool IsOutdated { get; private set; }

    /// <summary>
    /// Whether passwords may be changed: yes with CREATE USER; only trying tells where the account table itself may be written to, or where
    /// nothing is known.
    /// </summary>
    public bool? MayChangePasswords => _held.HasGlobal(CreateUser) ? true
        : _held.AreUnknown || _held.HasOnSystemTables("UPDATE") ? null : false;

    /// <summary>Whether it is shown the sessions of others; without the privilege the server lists its own, and does not say that there are more.</summary>
    public bool SeesAllSessions => _held.HasGlobal("PROCESS");

    /// <summary>Whether this may be passed on for a database.</summary>
    public bool MayGrant(string privilege, string database) => _held.MayGrant(privilege, database);

    /// <summary>What is missing whichever account is meant. An admin login's own sessions are its to end, so that recovery needs nothing.</summary>
    public IReadOnlyList<MissingRight> Missing() =>
    [
        .. Lacks(Capability.Reset, [.. Reading(), .. Changing()]),
        .. Lacks(Capability.Readback, [.. Reading()]),
        .. Lacks(Capability.Accounts, [.. Reading(), .. Changing()]),
        .. Lacks(Capability.Sessions, [.. Globals(["PROCESS", flavor.KillPrivilege])]),
        .. Lacks(Capability.Nodes, [.. Globals([flavor.SourcesPrivilege, flavor.ReplicasPrivilege])]),
    ];

    /// <summary>What is missing for one account, which could be read. What privileges it has is not read: those of an administrator are taken to be all.</summary>
    public IReadOnlyList<MissingRight> Missing(IReadOnlyList<StoredAccount> rows)
    {
        string[] forSystem = flavor.SystemPrivilege is { } system && rows.Any(row => row.IsAdmin && row.Name != admin) ? [system] : [];
        return
        [
            .. Lacks(Capability.Reset, [.. Changing(), .. Globals(forSystem)]),
            .. Lacks(Capability.Sessions, [.. Globals(["PROCESS", flavor.KillPrivilege, .. forSystem])]),
        ];
    }

    /// <summary>The statement that grants <paramref name="privilege"/> to the admin login.</summary>
    public string Statement(string privilege, string on = "*.*", string option = "") => $"GRANT {privilege} ON {on} TO {SqlText.Account(admin)}{option};";

    /// <summary>The failure of what could not be done for lack of a privilege.</summary>
    public Failure Lacking(string detail, params IEnumerable<string> statements)
    {
        IsOutdated = true;
        return new Failure(EngineError.AdminLacksPrivilege, detail).Lacking(string.Join(' ', statements));
    }

    /// <summary>The failure of what the account table was needed for: all that it takes to change a password is named at once.</summary>
    public Failure CannotRead(string detail) => Lacking(detail, _held.AreUnknown ? [ReadAccounts] : [ReadAccounts, .. Changing()]);

    /// <summary>The failure of ending a session of another account's.</summary>
    public Failure CannotKill(string detail) => Lacking(detail, Statement(flavor.KillPrivilege));

    /// <summary>What was found is told, and may be mended.</summary>
    public IReadOnlyList<MissingRight> Told(IReadOnlyList<MissingRight> missing)
    {
        IsOutdated |= missing.Count > 0;
        return missing;
    }

    private string ReadAccounts => Statement($"SELECT ({string.Join(", ", flavor.AccountColumns)})", on: $"mysql.{flavor.AccountTable}");

    private IEnumerable<string> Reading() => _held.AreUnknown || _held.MayRead(flavor.AccountTable, flavor.AccountColumns) ? [] : [ReadAccounts];

    private IEnumerable<string> Changing() => MayChangePasswords == false ? [Statement(CreateUser)] : [];

    /// <summary>Those of them that are missing, in one statement. What SUPER stands for is another matter in each version: only trying tells.</summary>
    private IEnumerable<string> Globals(IEnumerable<string> privileges)
    {
        var missing = _held.AreUnknown ? [] : privileges.Where(privilege => !_held.HasGlobal(privilege) && !(privilege != "PROCESS" && _held.HasGlobal(Super))).ToList();
        return missing.Count == 0 ? [] : [Statement(string.Join(", ", missing))];
    }

    private static IEnumerable<MissingRight> Lacks(Capability capability, IReadOnlyList<string> statements) =>
        statements.Count == 0 ? [] : [new MissingRight(capability, statements)];
}
