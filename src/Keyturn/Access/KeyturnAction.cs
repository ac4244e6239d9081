namespace Keyturn.Access;

/// <summary>The names of everything a caller can ask Keyturn to do. A route names the one that it carries out.</summary>
public static class KeyturnAction
{
    /// <summary>List and read instances, and look at their servers.</summary>
    public const string ReadInstance = "keyturn:instance:read";

    /// <summary>Register an instance.</summary>
    public const string RegisterInstance = "keyturn:instance:register";

    /// <summary>Change a registration.</summary>
    public const string ChangeInstance = "keyturn:instance:change";

    /// <summary>Forget an instance.</summary>
    public const string RemoveInstance = "keyturn:instance:remove";

    /// <summary>Give the login that Keyturn administers an instance with a new password, by whichever call: <see cref="ResetAccount"/> is not enough for it.</summary>
    public const string RotateAdmin = "keyturn:instance:rotate-admin";

    /// <summary>List and read accounts, without their passwords.</summary>
    public const string ReadAccount = "keyturn:account:read";

    /// <summary>See passwords that Keyturn holds. The answer to one's own reset or creation shows its password without it.</summary>
    public const string RevealAccount = "keyturn:account:reveal";

    /// <summary>Make an account on a server.</summary>
    public const string CreateAccount = "keyturn:account:create";

    /// <summary>Drop an account from a server.</summary>
    public const string DropAccount = "keyturn:account:drop";

    /// <summary>Change what Keyturn knows of an account, and what a server says of it beside the password.</summary>
    public const string ChangeAccount = "keyturn:account:change";

    /// <summary>Give an account a new password, now or by a schedule; discard an old one, end the sessions that it opened. The admin login asks for <see cref="RotateAdmin"/> too.</summary>
    public const string ResetAccount = "keyturn:account:reset";

    /// <summary>Ask whether a given password is an account's.</summary>
    public const string CheckAccount = "keyturn:account:check";

    /// <summary>Hand a present password over to Keyturn.</summary>
    public const string AdoptAccount = "keyturn:account:adopt";

    /// <summary>Ask whether the stored password is still in force.</summary>
    public const string VerifyAccount = "keyturn:account:verify";

    /// <summary>Read resets and their stories.</summary>
    public const string ReadReset = "keyturn:reset:read";

    /// <summary>Read the audit log.</summary>
    public const string ReadAudit = "keyturn:audit:read";

    /// <summary>List principals and their credentials, without secrets.</summary>
    public const string ReadPrincipal = "keyturn:principal:read";

    /// <summary>Add, change and remove principals and their credentials.</summary>
    public const string ManagePrincipal = "keyturn:principal:manage";

    /// <summary>List access policies and groups, and ask what they decide.</summary>
    public const string ReadPolicy = "keyturn:policy:read";

    /// <summary>Add, change, attach and remove access policies and groups: who may do that may give themselves any right. Those that an owner has are owners' to change.</summary>
    public const string ManagePolicy = "keyturn:policy:manage";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        ReadInstance, RegisterInstance, ChangeInstance, RemoveInstance, RotateAdmin,
        ReadAccount, RevealAccount, CreateAccount, DropAccount, ChangeAccount, ResetAccount, CheckAccount, AdoptAccount, VerifyAccount,
        ReadReset, ReadAudit, ReadPrincipal, ManagePrincipal, ReadPolicy, ManagePolicy,
    ];

    /// <summary>Those that are done to an instance which exists: a policy can name it.</summary>
    private static readonly HashSet<string> OnInstances =
    [
        ReadInstance, ChangeInstance, RemoveInstance, RotateAdmin,
        ReadAccount, RevealAccount, CreateAccount, DropAccount, ChangeAccount, ResetAccount, CheckAccount, AdoptAccount, VerifyAccount, ReadReset,
    ];

    /// <summary>Whether the action is done to an instance which exists.</summary>
    public static bool IsOnInstance(string action) => OnInstances.Contains(action);
}
