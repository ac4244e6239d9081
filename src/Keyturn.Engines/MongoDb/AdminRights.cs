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
    /// Whether the password may be changed (null where the server does not say: FerretDB lists no privileges), and the command that grants what is
    /// missing. Without the rights to end sessions a change can be made, but one without an answer can be shown to be over by the very login only
    /// that sent it.
    /// </summary>
    public (bool? MayChange, string? MissingGrant) Judge(AccountName admin, AccountName account)
    {
        var database = MongoDbNames.DatabaseOf(account);
        if (_privileges is null)
        {
            return (null, null);
        }

        var mayChange = (MayOn(database, "changePassword") || (account == admin && MayOn(database, "changeOwnPassword"))) && MayOn(database, "viewUser");
        string[] missing =
        [
            .. mayChange ? (string[])[] : [$"{{role: \"userAdmin\", db: \"{database}\"}}"],
            .. MayOnCluster("inprog") ? (string[])[] : ["{role: \"clusterMonitor\", db: \"admin\"}"],
            .. MayOnCluster("killop") ? (string[])[] : ["{role: \"hostManager\", db: \"admin\"}"],
        ];
        return (mayChange, missing.Length == 0 ? null : Grant(admin, missing));
    }

    /// <summary>The command that grants roles to the admin login, in the words of MongoDB's shell.</summary>
    public static string Grant(AccountName admin, params string[] roles) =>
        $"db.getSiblingDB(\"{MongoDbNames.DatabaseOf(admin)}\").grantRolesToUser(\"{admin.User}\", [{string.Join(", ", roles)}])";

    private bool MayOn(string database, string action) => May(action, resource =>
        resource.IsTrue("anyResource") || (resource.Text("collection") == "" && (resource.Text("db") == "" || resource.Text("db") == database)));

    private bool MayOnCluster(string action) => May(action, resource => resource.IsTrue("anyResource") || resource.IsTrue("cluster"));

    private bool May(string action, Func<BsonDocument, bool> isMeant) => _privileges!.Exists(privilege =>
        privilege.Document("resource") is { } resource && isMeant(resource)
        && privilege.List<string>("actions").Any(allowed => allowed == action || allowed == "anyAction"));
}
