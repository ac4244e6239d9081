using Keyturn.Instances;

namespace Keyturn.Tests.Instances;

public sealed class AccountNameTests
{
    [Fact]
    public void AuthDatabase_Admin_IsWhatANameWithoutOneMeans()
    {
        var app = new AccountName("app");

        new AccountName("app", AuthDatabase: "admin").ShouldBe(app);
        (new AccountName("app", AuthDatabase: "reports") with { AuthDatabase = "admin" }).ShouldBe(app);
        new AccountName("app", AuthDatabase: "Admin").ShouldNotBe(app);
    }

    [Theory]
    [InlineData(null, null, "app")]
    [InlineData("%", null, "app@%")]
    [InlineData(null, "reports", "reports.app")]
    [InlineData(null, "admin", "app")]
    public void ToString_Name_IsForPeople(string? host, string? database, string text) => new AccountName("app", host, database).ToString().ShouldBe(text);
}
