using static Keyturn.Access.KeyturnAction;

namespace Keyturn.Access.Policies;

/// <summary>
/// What a provider calls an action: one row of the table from the providers' actions to Keyturn's own. A call that comes in by the provider's
/// door is allowed by its own name there or by Keyturn's; whichever name a statement denies, the action is denied at every door.
/// </summary>
/// <param name="Name">In policies of version 5.0.</param>
/// <param name="Action">What it is here.</param>
/// <param name="Aliases">In policies of version 1.1: any of them.</param>
public sealed record ProviderAction(string Name, string Action, params IReadOnlyList<string> Aliases)
{
    // GaussDB(for MySQL). The names with "user:" other than updatePassWord, and task:list, follow the pattern of the documented ones.

    /// <summary>Listing and reading instances.</summary>
    public static readonly ProviderAction GaussDbListInstances = new("gaussdbformysql:instance:list", ReadInstance, "gaussdb:instance:list");

    /// <summary>A new password for the administrator.</summary>
    public static readonly ProviderAction GaussDbModifyPassword =
        new("gaussdbformysql:instance:modifyPassword", ResetAccount, "gaussdb:instance:modifyPassword", "gaussdb:instance:modify");

    /// <summary>New passwords for accounts.</summary>
    public static readonly ProviderAction GaussDbUpdatePassword = new("gaussdbformysql:user:updatePassWord", ResetAccount, "gaussdb:user:modify");

    /// <summary>Listing accounts.</summary>
    public static readonly ProviderAction GaussDbListUsers = new("gaussdbformysql:user:list", ReadAccount, "gaussdb:user:list");

    /// <summary>Making accounts.</summary>
    public static readonly ProviderAction GaussDbCreateUser = new("gaussdbformysql:user:create", CreateAccount, "gaussdb:user:create");

    /// <summary>Comments and rights of accounts.</summary>
    public static readonly ProviderAction GaussDbModifyUser = new("gaussdbformysql:user:modify", ChangeAccount, "gaussdb:user:modify");

    /// <summary>Dropping accounts.</summary>
    public static readonly ProviderAction GaussDbDeleteUser = new("gaussdbformysql:user:delete", DropAccount, "gaussdb:user:delete");

    /// <summary>Reading jobs.</summary>
    public static readonly ProviderAction GaussDbListTasks = new("gaussdbformysql:task:list", ReadReset, "gaussdb:task:list");

    // DDM. Creating and deleting accounts, and the reads of instances, follow the pattern of the documented ones.

    /// <summary>Listing and reading instances.</summary>
    public static readonly ProviderAction DdmListInstances = new("ddm:instance:list", ReadInstance, "ddm:instance:list", "ddm:instance:get");

    /// <summary>Listing accounts.</summary>
    public static readonly ProviderAction DdmListUsers = new("ddm:instance:listUser", ReadAccount, "ddm:user:list");

    /// <summary>A new password for an account.</summary>
    public static readonly ProviderAction DdmUpdateUserPassword = new("ddm:instance:updateUser", ResetAccount, "ddm:user:modify");

    /// <summary>Other changes of an account: the same name as for its password.</summary>
    public static readonly ProviderAction DdmUpdateUser = new("ddm:instance:updateUser", ChangeAccount, "ddm:user:modify");

    /// <summary>Making accounts.</summary>
    public static readonly ProviderAction DdmCreateUser = new("ddm:instance:createUser", CreateAccount, "ddm:user:create");

    /// <summary>Dropping accounts.</summary>
    public static readonly ProviderAction DdmDeleteUser = new("ddm:instance:deleteUser", DropAccount, "ddm:user:delete");

    /// <summary>Reading jobs.</summary>
    public static readonly ProviderAction DdmListJobs = new("ddm:instance:listJob", ReadReset, "ddm:instance:get");

    // DDS. The names with "User" follow the pattern of the documented ones.

    /// <summary>Listing instances; also the test whether a password is weak.</summary>
    public static readonly ProviderAction DdsListInstances = new("dds:instance:listAll", ReadInstance, "dds:instance:list");

    /// <summary>Checking a password. Whoever may reset by the older name may also check.</summary>
    public static readonly ProviderAction DdsCheckPassword = new("dds:instance:checkPassword", CheckAccount, "dds:instance:resetPasswd");

    /// <summary>A new password for an account.</summary>
    public static readonly ProviderAction DdsResetPassword = new("dds:instance:resetPasswd", ResetAccount, "dds:instance:resetPasswd");

    /// <summary>Listing accounts.</summary>
    public static readonly ProviderAction DdsListUsers = new("dds:instance:listUser", ReadAccount, "dds:user:list");

    /// <summary>Making accounts.</summary>
    public static readonly ProviderAction DdsCreateUser = new("dds:instance:createUser", CreateAccount, "dds:user:create");

    /// <summary>Dropping accounts.</summary>
    public static readonly ProviderAction DdsDeleteUser = new("dds:instance:deleteUser", DropAccount, "dds:user:delete");

    /// <summary>Reading jobs.</summary>
    public static readonly ProviderAction DdsListJobs = new("dds:instance:listJob", ReadReset, "dds:instance:list");

    /// <summary>The whole table.</summary>
    public static readonly IReadOnlyList<ProviderAction> All =
    [
        GaussDbListInstances, GaussDbModifyPassword, GaussDbUpdatePassword, GaussDbListUsers, GaussDbCreateUser, GaussDbModifyUser, GaussDbDeleteUser, GaussDbListTasks,
        DdmListInstances, DdmListUsers, DdmUpdateUserPassword, DdmUpdateUser, DdmCreateUser, DdmDeleteUser, DdmListJobs,
        DdsListInstances, DdsCheckPassword, DdsResetPassword, DdsListUsers, DdsCreateUser, DdsDeleteUser, DdsListJobs,
    ];

    private static readonly string[] OfMySql = ["gaussdbformysql", "gaussdb", "ddm"];
    private static readonly string[] OfMongoDb = ["dds"];

    /// <summary>The service that it belongs to: the name's first part.</summary>
    public string Service => Name[..Name.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>Its names in a language.</summary>
    public IEnumerable<string> NamesIn(PolicyKind kind) => kind == PolicyKind.Identity ? [Name] : Aliases;

    /// <summary>Whether its service shows instances of that engine; of an unknown one it may.</summary>
    public bool Shows(string? engine) => engine switch
    {
        null => true,
        "mysql" or "mariadb" => OfMySql.Contains(Service),
        "mongodb" => OfMongoDb.Contains(Service),
        _ => false,
    };
}

/// <summary>What a request asks to do: by Keyturn's name, and by that of the provider whose door it came in by.</summary>
/// <param name="Name">One of <see cref="KeyturnAction"/>.</param>
/// <param name="Provider">Null at the doors that have no policies of their own.</param>
public sealed record RequestedAction(string Name, ProviderAction? Provider = null)
{
    /// <summary>The service it is asked of.</summary>
    public string Service => Provider?.Service ?? ServiceOf(Name);

    /// <summary>What callers at the door know it as.</summary>
    public string ShownName => Provider?.Name ?? Name;

    /// <summary>
    /// The actions of a name: of one of Keyturn's that one; of a provider's, in either language, all that it stands for, those first that have it in version 5.0; of
    /// a scope of DigitalOcean's all that it lets a token do. Empty when it is none.
    /// </summary>
    public static IReadOnlyList<RequestedAction> FindAll(string name) =>
        KeyturnAction.All.FirstOrDefault(action => Same(action, name)) is { } own ? [new RequestedAction(own)]
        : Scopes.DigitalOcean.Keys.FirstOrDefault(scope => Same(scope, name)) is { } scope ? [.. Scopes.DigitalOcean[scope].Select(action => new RequestedAction(action))]
        : [.. ProviderAction.All.Where(action => Same(action.Name, name))
            .Concat(ProviderAction.All.Where(action => action.Aliases.Any(alias => Same(alias, name))))
            .Distinct().Select(provider => new RequestedAction(provider.Action, provider))];

    /// <summary>The names that a statement may mean it by.</summary>
    /// <param name="kind">The language of the statement.</param>
    /// <param name="atAnyDoor">Also those of other doors, by which the same could be done.</param>
    /// <param name="engine">Of the instance: doors that do not show it are left out. Null where it is not known.</param>
    internal IReadOnlyList<string> NamesIn(PolicyKind kind, bool atAnyDoor, string? engine) =>
        [.. Providers(atAnyDoor, engine).SelectMany(action => action.NamesIn(kind)).Prepend(Name).Distinct(StringComparer.Ordinal)];

    /// <summary>The services that a statement may name its resource under.</summary>
    internal IReadOnlySet<string> Services(bool atAnyDoor, string? engine) =>
        Providers(atAnyDoor, engine).SelectMany(action => action.Aliases.Append(action.Name)).Append(Name).Select(ServiceOf).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<ProviderAction> Providers(bool atAnyDoor, string? engine) =>
        ProviderAction.All.Where(action => action == Provider || (atAnyDoor && action.Action == Name && action.Shows(engine)));

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string ServiceOf(string name) => name[..name.IndexOf(':', StringComparison.Ordinal)];
}
