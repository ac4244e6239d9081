namespace Keyturn.Server.Tests.Hosting;

public sealed class ListeningTests
{
    [Fact]
    public async Task Start_AddressOfAnotherMachine_SaysWhichAndWhy()
    {
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
        var fault = await Should.ThrowAsync<IOException>(() => RunningServer.StartAsync(options => options with { Urls = ["http://192.0.2.1:0"], InsecureHttp = true }));

        fault.Message.ShouldStartWith("Cannot listen on http://192.0.2.1:0: ");
    }
}
