using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Hosting;

/// <summary>Bodies that a parser takes, and that no reader of its texts can.</summary>
public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("""{"name":"p","document":{"Version":"5.0","Statement":[{"Effect":"\xBF","Action":["*"]}]}}""")]
    [InlineData("""{"name":"p","document":{"Version":"5.0","\xBF":[]}}""")]
    [InlineData("""{"name":"p","document":{"Version":"5.0","Statement":[{"Effect":"\ud800","Action":["*"]}]}}""")]
    [InlineData("""{"name":"p","document":{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["\udc00"]}]}}""")]
    public async Task Policy_TextThatIsNone_IsTheCallersFault(string body)
    {
        await using var server = await RunningServer.StartAsync();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body.Replace("\\xBF", "\u00BF", StringComparison.Ordinal)));

        using var response = await server.Client.PostAsync("/api/v1/policies", content);

        ((int)response.StatusCode).ShouldBeInRange(400, 422);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["type"]!.GetValue<string>().ShouldNotContain("internal");
        (await server.GetAsync("/api/v1/policies")).Body["policies"]!.AsArray().ShouldBeEmpty();
    }
}
