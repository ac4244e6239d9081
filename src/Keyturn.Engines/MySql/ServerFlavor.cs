using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>
/// Where MySQL and MariaDB differ: what they are asked, how they store accounts, and the statements that change them. The protocol, the order
/// of things and the meaning of errors are the same.
/// </summary>
internal abstract class ServerFlavor
{
    /// <summary>As the server calls itself.</summary>
    public abstract string Product { get; }

    /// <summary>The engine's name in the catalogue.</summary>
    public abstract string Engine { get; }

    /// <summary>Older ones store accounts otherwise.</summary>
    public abstract Version OldestVersion { get; }

    /// <summary>In characters.</summary>
    public abstract int LongestUser { get; }

    /// <summary>The privilege for ending other accounts' sessions.</summary>
    public abstract string KillPrivilege { get; }

    /// <summary>The privilege without which accounts that have it are left alone; null where there is no such thing.</summary>
    public abstract string? SystemPrivilege { get; }

    /// <summary>The table of the database mysql that <see cref="AccountsStatement"/> reads.</summary>
    public abstract string AccountTable { get; }

    /// <summary>Those of its columns that it reads.</summary>
    public abstract IReadOnlyList<string> AccountColumns { get; }

    /// <summary>Whether a user's rows are ranked addresses first, and networks by their prefix are known. See <see cref="HostOrder"/>.</summary>
    public abstract bool RanksAddressesFirst { get; }

    /// <summary>Whether a change that was interrupted is known to have changed nothing.</summary>
    public abstract bool ChangesAreAtomic { get; }

    /// <summary>
    /// Asks for everything about the server in rows of <c>name</c> and <c>value</c>: variables by their names, beside <c>connection_id</c>,
    /// <c>current_user</c>, <c>start</c> and any number of <c>validation</c>; <c>authentication</c> where an unknown plugin is not refused as such.
    /// </summary>
    /// <remarks>
    /// The start is exact and the same in every session: within one statement both the present time and Uptime are counted from the
    /// statement's start, so that their difference is the second in which the server started, whatever its clock does later.
    /// </remarks>
    public abstract string FactsStatement { get; }

    /// <summary>
    /// Asks for the rows of <c>user</c>, <c>host</c>, <c>read_only</c>, and what <see cref="ReadAccount"/> needs; a WHERE may follow.
    /// </summary>
    public abstract string AccountsStatement { get; }

    /// <summary>
    /// Asks for the <c>failed</c> logins in a row of each <c>host</c> of a user, and whether they have <c>locked</c> it. Servers may not know the table, and grant it apart.
    /// </summary>
    public abstract string FailedLoginsStatement(string user);

    /// <summary>Asks which sources the server follows: rows with <see cref="SourceHost"/> and <see cref="SourcePort"/>.</summary>
    public abstract string SourcesStatement { get; }

    /// <summary>Asks which replicas have connected: rows with <c>Host</c>, empty unless the replica reports one, and <c>Port</c>.</summary>
    public abstract string ReplicasStatement { get; }

    /// <summary>The privilege for <see cref="SourcesStatement"/>.</summary>
    public abstract string SourcesPrivilege { get; }

    /// <summary>The privilege for <see cref="ReplicasStatement"/>.</summary>
    public abstract string ReplicasPrivilege { get; }

    /// <summary>A column of <see cref="SourcesStatement"/>.</summary>
    public abstract string SourceHost { get; }

    /// <summary>A column of <see cref="SourcesStatement"/>.</summary>
    public abstract string SourcePort { get; }

    /// <summary>Sets the session's character set and limits.</summary>
    public abstract string SessionStatement(TimeSpan statementLimit);

    /// <summary>A row of <see cref="AccountsStatement"/>; null for what is no account (roles). Throws what parsers throw where the server lies.</summary>
    public abstract StoredAccount? ReadAccount(ResultRow row);

    /// <summary>The verifier of a plugin; null for one whose verifiers Keyturn cannot compute.</summary>
    public abstract PasswordVerifier? VerifierOf(string plugin, ServerFacts server);

    /// <summary>Why an account of that plugin cannot have an old password beside a new one; null where it can.</summary>
    public virtual string? ObstacleToKeeping(string plugin) => null;

    /// <summary>The plugin of new accounts.</summary>
    public abstract string DefaultPlugin { get; }

    /// <summary>The statements that give existing rows their new methods, in the order they must run.</summary>
    public abstract IReadOnlyList<string> AlterStatements(IReadOnlyList<NewMethods> rows, StatusFlags session);

    /// <summary>The statements that give rows a new password, and leave the old one beside it. Each row has one of the two.</summary>
    public abstract IReadOnlyList<string> KeepStatements(IReadOnlyList<OverlapRow> rows, Func<string, NewMethod> newMethod, StatusFlags session);

    /// <summary>The statements that leave rows their present password only. Each has it; rows that have no other may be left alone.</summary>
    public abstract IReadOnlyList<string> DiscardStatements(IReadOnlyList<OverlapRow> rows, StatusFlags session);

    /// <summary>The statement that creates a row.</summary>
    public abstract string CreateStatement(NewMethods row, StatusFlags session);

    /// <summary>The statements that drop rows.</summary>
    public abstract IReadOnlyList<string> DropStatements(IReadOnlyList<StoredAccount> rows);
}
