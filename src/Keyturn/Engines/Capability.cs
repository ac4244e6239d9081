namespace Keyturn.Engines;

/// <summary>What an admin login may need rights of its own for. To check a password takes none: that is a login as the account itself.</summary>
public enum Capability
{
    /// <summary>Give an account another password, have the server keep it, and prove it.</summary>
    Reset,

    /// <summary>Show that an earlier session of the admin login is over: recovery does that before it decides anything.</summary>
    Recovery,

    /// <summary>Compare the server's stored verifiers with a password.</summary>
    Readback,

    /// <summary>List accounts, make them and drop them.</summary>
    Accounts,

    /// <summary>List the sessions of accounts, and end them.</summary>
    Sessions,

    /// <summary>Find the other nodes of an instance, and keep them alike.</summary>
    Nodes,
}

/// <summary>What an admin login lacks for something.</summary>
/// <param name="Capability">What it is for.</param>
/// <param name="Statements">
/// What an administrator of the server runs to grant it, in this order: quoted, for the server's version and for this login. What is there already is not
/// taken away by it.
/// </param>
public sealed record MissingRight(Capability Capability, params IReadOnlyList<string> Statements)
{
    /// <summary>The statements in one line.</summary>
    public string Grant => string.Join(' ', Statements);
}
