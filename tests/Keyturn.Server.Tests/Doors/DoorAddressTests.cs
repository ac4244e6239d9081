using System.Net;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Tests.Doors;

public sealed class DoorAddressTests
{
    private static readonly string ThisFile = typeof(DoorAddressTests).Assembly.Location;

    [Theory]
    [InlineData("digitalocean=https://127.0.0.2:8443", true, null)]
    [InlineData("digitalocean=http://localhost:8080/", true, null)]
    [InlineData("digitalocean=https://*:8443", true, null)]
    [InlineData("digitalocean=https://api.digitalocean.com", false, "api.digitalocean.com")]
    [InlineData("digitalocean=https://API.example:8443", false, "api.example")]
    [InlineData("digitalocean=https://api.example/v2", false, null)]
    [InlineData("digitalocean=ftp://api.example", false, null)]
    public void TryParse_Address_IsAListenerOrAName(string text, bool isListener, string? host)
    {
        var address = DoorAddress.TryParse(text)!;

        address.Door.ShouldBe("digitalocean");
        address.IsListener.ShouldBe(isListener);
        address.HostName.ShouldBe(host);
    }

    [Theory]
    [InlineData("digitalocean=ftp://api.example")]
    [InlineData("nobody=https://127.0.0.2:8443")]
    [InlineData("digitalocean=https://127.0.0.1:8443")]
    [InlineData("digitalocean=http://10.1.2.3:8080")]
    public void Problems_DialectThatCannotBeServed_Has(string text)
    {
        var options = new ServerOptions { Store = ThisFile, Urls = ["https://127.0.0.1:8443"], Dialects = [DoorAddress.TryParse(text)!] };

        options.Problems().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task OwnListener_AnswersForItsDialectAlone()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Dialects = [new("digitalocean", "http://127.0.0.2:0")] });
        using var client = new HttpClient { BaseAddress = server.Addresses.Single(address => address.Host == "127.0.0.2") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", server.Token.Reveal());

        using var native = await client.GetAsync("/api/v1/status");
        using var own = await client.GetAsync("/v2/databases");
        using var health = await client.GetAsync("/health/live");

        native.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await native.Content.ReadAsStringAsync()).ShouldContain("\"id\":\"not_found\"");
        own.StatusCode.ShouldBe(HttpStatusCode.OK);
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task OwnListener_OfAnotherMachine_IsNamedInTheError()
    {
        Task StartAsync() => RunningServer.StartAsync(options => options with { Dialects = [new("digitalocean", "https://192.0.2.1:8443")] });

        (await Should.ThrowAsync<IOException>(StartAsync)).Message.ShouldContain("https://192.0.2.1:8443");
    }

    [Fact]
    public async Task OwnHostName_AnswersForItsDialectAlone()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Dialects = [new("digitalocean", "https://api.example")] });
        using var request = server.Request(HttpMethod.Get, "/api/v1/status");
        request.Headers.Host = "API.example";

        using var answer = await server.Client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"id\":\"not_found\"");
    }
}
