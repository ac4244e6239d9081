using Keyturn.Instances;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>What the admin login may do, from <c>connectionStatus</c> with <c>showPrivileges</c>.</summary>
internal sealed class AdminRights(BsonDocument status)
{
    private readonly List<BsonDocument>? _privileges =
        status.Document("authInfo")?.List<BsonDocument>("authenticatedUserPrivileges").ToList() is { Count: > 0 } listed ? listed : null;

    /// <summary>The question.</summary>
    public static BsonDocument Question() => new() { { "connectionStatus", 1 }, { "showPrivileges", true } };

    /// <summary>
    /// Whether the password may be changed (null where the server does not say: FerretDB lists no privileges), and what is missing, by capability.
    /// Without the rights to end sessions a change can be made, but one without an answer can be shown to be over by the very login only
    /// that sent it.
    /// </summary>
    public (bool? MayChange, IReadOnlyList<MissingRight> Missing) Judge(AccountName admin, AccountName account)
    {
        var database = MongoDbNames.DatabaseOf(account);
        if (_privileges is null)
        {
            return (null, []);
        }

        var mayChange = (MayOn(database, "changePassword") || (account == admin && MayOn(database, "changeOwnPassword"))) && MayOn(database, "viewUser");
        return (mayChange, [.. Lacks(admin, Capability.Reset, mayChange ? [] : [Role("userAdmin", database)]), .. Recovery(admin), .. Sessions(admin)]);
    }

    /// <summary>What is missing whichever account is meant: accounts of which databases it is for, only its operator knows.</summary>
    public IReadOnlyList<MissingRight> Judge(AccountName admin) => _privileges is null
        ? []
        : [.. Lacks(admin, Capability.Reset, May("changePassword", _ => true) ? [] : [Role("userAdminAnyDatabase", "admin")]), .. Recovery(admin), .. Sessions(admin)];

    /// <summary>The command that grants roles to the admin login, in the words of MongoDB's shell.</summary>
    public static string Grant(AccountName admin, params IEnumerable<string> roles) =>
        $"db.getSiblingDB({Quote(MongoDbNames.DatabaseOf(admin))}).grantRolesToUser({Quote(admin.User)}, [{string.Join(", ", roles)}])";

    /// <summary>A role of a database, for <see cref="Grant"/>.</summary>
    public static string Role(string name, string database) => $"{{role: {Quote(name)}, db: {Quote(database)}}}";

    /// <summary>Connections are listed by one action, and ended by another.</summary>
    private IEnumerable<MissingRight> Recovery(AccountName admin) => Lacks(
        admin,
        Capability.Recovery,
        [.. MayOnCluster("inprog") ? (string[])[] : [Role("clusterMonitor", "admin")], .. MayOnCluster("killop") ? (string[])[] : [Role("hostManager", "admin")]]);

    private IEnumerable<MissingRight> Sessions(AccountName admin) =>
        Lacks(admin, Capability.Sessions, MayOnCluster("inprog") ? [] : [Role("clusterMonitor", "admin")]);

    private static IEnumerable<MissingRight> Lacks(AccountName admin, Capability capability, string[] roles) =>
        roles.Length == 0 ? [] : [new MissingRight(capability, Grant(admin, roles))];

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private bool MayOn(string database, string action) => May(action, resource =>
        resource.IsTrue("anyResource") || (resource.Text("collection") == "" && (resource.Text("db") == "" || resource.Text("db") == database)));

    private bool MayOnCluster(string action) => May(action, resource => resource.IsTrue("anyResource") || resource.IsTrue("cluster"));

    private bool May(string action, Func<BsonDocument, bool> isMeant) => _privileges!.Exists(privilege =>
        privilege.Document("resource") is { } resource && isMeant(resource)
        && privilege.List<string>("actions").Any(allowed => allowed == action || allowed == "anyAction"));
}
