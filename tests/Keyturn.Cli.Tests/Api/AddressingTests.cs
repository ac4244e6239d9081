using Keyturn.Cli.Commands;

namespace Keyturn.Cli.Tests.Api;

public sealed class AddressingTests
{
    [Theory]
    [InlineData("app", null, "app", null)]
    [InlineData("app@%", null, "app", "%")]
    [InlineData("app@10.0.0.%", null, "app", "10.0.0.%")]
    [InlineData("me@corp@%", null, "me@corp", "%")]
    [InlineData("me@corp", "", "me@corp", null)]
    [InlineData("me@corp", "localhost", "me@corp", "localhost")]
    [InlineData("@", null, "@", null)]
    [InlineData("app@", null, "app", "")]
    public void Split_Name_TakesHostAfterLastAtUnlessGivenApart(string name, string? apart, string user, string? host) =>
        AccountArguments.Split(name, apart).ShouldBe((user, host));

    [Theory]
    [InlineData("app", "/api/v1/instances/orders/accounts/app/reset")]
    [InlineData("app@%", "/api/v1/instances/orders/accounts/app/reset?host=%25")]
    [InlineData("a/b", "/api/v1/instances/orders/accounts/a%2Fb/reset")]
    [InlineData("..", "/api/v1/instances/orders/accounts/../reset")]
    [InlineData("100%", "/api/v1/instances/orders/accounts/100%25/reset")]
    [InlineData("o'brien \"x\"\\", "/api/v1/instances/orders/accounts/o%27brien%20%22x%22%5C/reset")]
    [InlineData("🔑", "/api/v1/instances/orders/accounts/%F0%9F%94%91/reset")]
    public async Task Reset_AnyUserName_IsOneSegmentOfTheRawTarget(string user, string target)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        await CommandRun.AgainstAsync(server, "account", "reset", "orders", user);

        server.Requests.Single().Target.ShouldBe(target);
    }

    [Fact]
    public async Task Reset_AuthDatabase_IsAParameter()
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--auth-database", "re ports");

        server.Requests.Single().Target.ShouldBe("/api/v1/instances/orders/accounts/app/reset?auth_database=re%20ports");
    }

    [Fact]
    public async Task Reset_UserNameLikeAResponseFile_IsAUserName()
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        await CommandRun.AgainstAsync(server, "account", "reset", "orders", "@app", "--host", "");

        server.Requests.Single().Target.ShouldBe("/api/v1/instances/orders/accounts/%40app/reset");
    }
}
