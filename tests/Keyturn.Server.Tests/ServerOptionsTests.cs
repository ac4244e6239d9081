namespace Keyturn.Server.Tests;

public sealed class ServerOptionsTests
{
    private static readonly string ThisFile = typeof(ServerOptionsTests).Assembly.Location;

    [Fact]
    public void Problems_ManyThingsWrong_NamesThemAll()
    {
        var options = new ServerOptions
        {
            Store = "/nowhere/keyturn.db",
            MasterKeyPath = "/nowhere/master.key",
            CertificatePath = "/nowhere/cert.pem",
            Urls = ["http://0.0.0.0:8080", "ftp://localhost", "https://127.0.0.1:8443"],
        };

        options.Problems().Select(problem => problem.Rule).ShouldBe(["store", "master-key", "certificate", "certificate", "url", "url"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", false, true)]
    [InlineData("http://[::1]:8080", false, true)]
    [InlineData("http://localhost:8080", false, true)]
    [InlineData("http://*:8080", false, false)]
    [InlineData("http://10.1.2.3:8080", false, false)]
    [InlineData("http://10.1.2.3:8080", true, true)]
    [InlineData("https://*:8443", false, true)]
    [InlineData("https://db.example:8443", false, false)]
    [InlineData("https://127.0.0.1:8443/api", false, false)]
    [InlineData("127.0.0.1:8443", false, false)]
    [InlineData("", false, false)]
    public void Problems_Address_IsAllowedWhereItShowsNothingToTheNetwork(string url, bool insecureHttp, bool isAllowed)
    {
        var options = new ServerOptions { Store = ThisFile, Urls = [url], InsecureHttp = insecureHttp };

        (options.Problems().Count == 0).ShouldBe(isAllowed);
    }

    [Fact]
    public async Task Start_WithProblems_RefusesWithAllOfThem()
    {
        var refused = await Should.ThrowAsync<ArgumentException>(() => ServerHost.StartAsync(
            new ServerOptions { Store = "/nowhere/keyturn.db", Urls = [] }, CancellationToken.None));

        refused.Message.ShouldContain("/nowhere/keyturn.db");
        refused.Message.ShouldContain("There is no address to listen on.");
    }
}
