namespace Keyturn.Instances;

/// <summary>
/// Accounts that nobody but the server or its provider may touch: a new password breaks views, replication, backups or the provider's own
/// care. Only names that are unmistakable: what the people of a self-hosted server may well have called an account of theirs is not among them.
/// </summary>
public static class ReservedAccounts
{
    private const string Provider = "the provider's own account";
    private const string Views = "the server's own account: its system views run under it, and nobody logs in as it";
    private const string Plugins = "the server's own account: its plugins connect as it";
    private const string Amazon = "Amazon RDS's own account: the server is administered and replicated by it";
    private const string Google = "Google Cloud SQL's own account: the server is administered and replicated by it";
    private const string Azure = "Azure's own account: the server is administered by it";
    private const string Automation = "MongoDB's automation's own account, whose password that sets itself";

    /// <summary>Huawei's, on all of its services.</summary>
    private static readonly Dictionary<string, string> OfEveryEngine = Table((Provider, ["rdsAdmin", "rdsRepl", "rdsBackup", "rdsMetric", "rdsProxy"]));

    private static readonly Dictionary<string, string> OfMySqls = Table(
        (Views, ["mysql.sys", "mysql.infoschema", "mariadb.sys"]),
        (Plugins, ["mysql.session"]),
        (Amazon, ["rdsadmin", "rdsrepladmin", "rdsproxyadmin", "rds_superuser_role"]),
        (Google, ["cloudsqlreplica", "cloudsqlimport", "cloudsqlexport", "cloudsqloneshot", "cloudsqlsuperuser"]),
        (Azure, ["azure_superuser", "azuresu"]));

    private static readonly Dictionary<string, Dictionary<string, string>> OfEngine = new(StringComparer.Ordinal)
    {
        ["postgresql"] = Table(
            (Amazon, ["rdsadmin", "rdsrepladmin", "rdsproxyadmin", "rdstopmgr", "rds_superuser", "rds_replication", "rds_password", "rds_iam"]),
            (Google, ["cloudsqladmin", "cloudsqlagent", "cloudsqlreplica", "cloudsqlimportexport", "cloudsqlsuperuser"]),
            (Azure, ["azure_superuser", "azuresu", "azure_pg_admin"])),
        ["mysql"] = OfMySqls,
        ["mariadb"] = OfMySqls,
        ["mongodb"] = Table(
            ("the server's own account: the members of a cluster know each other by it", ["__system"]),
            (Automation, ["mms-automation", "mms-backup-agent", "mms-monitoring-agent"])),
    };

    /// <summary>Why the account is not to be touched, as a sentence; null when it is an ordinary one.</summary>
    /// <param name="engine">Name of the engine.</param>
    /// <param name="account">The account. Names are compared as servers do, with case.</param>
    public static string? Find(string engine, AccountName account)
    {
        var reason = OfEveryEngine.GetValueOrDefault(account.User) ?? OfEngine.GetValueOrDefault(engine)?.GetValueOrDefault(account.User);
        if (reason is null && engine == "postgresql" && account.User.StartsWith("pg_", StringComparison.Ordinal))
        {
            reason = "the server's own role: names that begin with pg_ are predefined";
        }

        return reason is null ? null : $"{account.User} is {reason}.";
    }

    private static Dictionary<string, string> Table(params (string Reason, string[] Names)[] rows) =>
        rows.SelectMany(row => row.Names, (row, name) => (name, row.Reason)).ToDictionary(row => row.name, row => row.Reason, StringComparer.Ordinal);
}
