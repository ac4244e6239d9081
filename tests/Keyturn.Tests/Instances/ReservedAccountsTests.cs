using Keyturn.Instances;

namespace Keyturn.Tests.Instances;

public sealed class ReservedAccountsTests
{
    [Theory]
    [InlineData("postgresql", "rdsAdmin")]
    [InlineData("postgresql", "rdsadmin")]
    [InlineData("postgresql", "rds_superuser")]
    [InlineData("postgresql", "cloudsqladmin")]
    [InlineData("postgresql", "azure_superuser")]
    [InlineData("postgresql", "pg_monitor")]
    [InlineData("mysql", "mysql.sys")]
    [InlineData("mysql", "mysql.session")]
    [InlineData("mysql", "mysql.infoschema")]
    [InlineData("mysql", "rdsRepl")]
    [InlineData("mariadb", "mariadb.sys")]
    [InlineData("mongodb", "__system")]
    [InlineData("redis", "rdsBackup")]
    public void Find_ServersOrProvidersOwn_SaysWhose(string engine, string user)
    {
        var reason = ReservedAccounts.Find(engine, new AccountName(user, engine is "mysql" or "mariadb" ? "localhost" : null));

        reason.ShouldNotBeNull();
        reason.ShouldStartWith($"{user} is ");
        reason.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("postgresql", "postgres")]
    [InlineData("postgresql", "replication")]
    [InlineData("postgresql", "PG_monitor")]
    [InlineData("mysql", "root")]
    [InlineData("mysql", "pg_monitor")]
    [InlineData("mysql", "Mysql.sys")]
    [InlineData("redis", "default")]
    [InlineData("mongodb", "rwuser")]
    public void Find_OrdinaryAccount_IsNull(string engine, string user) => ReservedAccounts.Find(engine, new AccountName(user)).ShouldBeNull();
}
