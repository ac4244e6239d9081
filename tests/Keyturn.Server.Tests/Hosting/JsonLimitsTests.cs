using System.Net;
using System.Text;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Tests.Hosting;

public sealed class JsonLimitsTests
{
    [Theory]
    [InlineData("[", "]", 16, null)]
    [InlineData("[", "]", 17, "The body is nested deeper than 16 levels.")]
    [InlineData("""{"a":""", "}", 16, null)]
    [InlineData("""{"a":""", "}", 17, "The body is nested deeper than 16 levels.")]
    [InlineData("""[{"a":""", "}]", 400_000, "The body is nested deeper than 16 levels.")]
    public void FaultOf_Nested_IsOverTheLimitAtSeventeen(string open, string close, int times, string? fault) =>
        FaultOf(string.Concat(Enumerable.Repeat(open, times)) + "1" + string.Concat(Enumerable.Repeat(close, times))).ShouldBe(fault);

    [Theory]
    [InlineData(JsonLimits.MaxMembers, null)]
    [InlineData(JsonLimits.MaxMembers + 1, "An object of the body has more than 1000 members.")]
    public void FaultOf_Members_AreCountedForEachObject(int count, string? fault)
    {
        var members = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"m{i}\":[{i},{{}}]"));

        FaultOf($$"""[{{{members}}},{"a":1},{{{members}}}]""").ShouldBe(fault);
    }

    [Theory]
    [InlineData(JsonLimits.MaxItems, null)]
    [InlineData(JsonLimits.MaxItems + 1, "A list of the body has more than 20000 items.")]
    public void FaultOf_Items_AreCountedForEachList(int count, string? fault)
    {
        var items = string.Join(',', Enumerable.Repeat("{}", count));

        FaultOf($$"""{"a":[{{items}}],"b":[1,[2]],"c":[{{items}}]}""").ShouldBe(fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":1}}""")]
    [InlineData("nonsense")]
    public void FaultOf_NoJson_IsLeftToTheParser(string body) => FaultOf(body).ShouldBeNull();

    [Fact]
    public async Task Request_NestedTooDeep_IsRefusedWithTheLimitAndChangesNothing()
    {
        await using var server = await RunningServer.StartAsync();
        await server.RegisterAsync("postgresql", "pg");
        server.Postgres.Passwords["app"] = "before";

        var (status, problem) = await server.PostAsync("/api/v1/instances/pg/accounts/app/reset", $$"""{"password":"New-Pa55word","more":{{new string('[', 20)}}{{new string(']', 20)}}}""");

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem["detail"]!.GetValue<string>().ShouldBe("The body is nested deeper than 16 levels.");
        server.Postgres.Passwords["app"].ShouldBe("before");
    }

    private static string? FaultOf(string body) => JsonLimits.FaultOf(Encoding.UTF8.GetBytes(body));
}
