using System.Net;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Keyturn.Server.Tests.Doors;

/// <summary>The addresses that Keystone's catalog names: each must be one where the service answers.</summary>
public sealed class DoorBaseUrlTests
{
    [Theory]
    [InlineData("keyturn.example:8443", "https://keyturn.example:8443")]
    [InlineData("10.0.0.1:8443", "https://10.0.0.1:8443")]
    [InlineData("dds.example", "https://10.0.0.1:8443")]
    [InlineData("", "https://10.0.0.1:8443")]
    public void BaseUrl_DoorWithoutAnAddressOfItsOwn_IsWhereAllAnswer(string host, string expected) =>
        Url(["https://*:8443"], ["dds=https://dds.example"], host, "gaussdb").ShouldBe(expected);

    [Theory]
    [InlineData("dds=https://dds.example", "https://dds.example")]
    [InlineData("iam=https://iam.example:8443", "https://keyturn.example:8443")]
    public void BaseUrl_DoorOfAHostName_IsThatName(string address, string expected) =>
        Url(["https://*:8443"], [address], "keyturn.example:8443", "dds").ShouldBe(expected);

    [Fact]
    public void BaseUrl_DoorOfTwoNames_IsTheOneThatWasAsked() =>
        Url(["https://*:8443"], ["dds=https://a.example", "dds=https://b.example"], "b.example", "dds").ShouldBe("https://b.example");

    [Theory]
    [InlineData("gaussdb")]
    [InlineData("dds")]
    public void BaseUrl_AskedAtTheListenerOfIam_IsNotThatListener(string door) =>
        Url(["http://127.0.0.1:8080", "https://10.0.0.1:8443"], ["iam=https://10.0.0.1:8444"], "keyturn.example:8444", door, cameTo: "iam")
            .ShouldBe("https://keyturn.example:8443");

    [Fact]
    public void BaseUrl_AskedAtTheListenerOfAService_IsThatListenerForItAndForIam()
    {
        string[] own = ["dds=https://10.0.0.1:8444"];

        Url(["https://10.0.0.1:8443"], own, "dds.example:8444", "dds", cameTo: "dds").ShouldBe("https://dds.example:8444");
        Url(["https://10.0.0.1:8443"], own, "dds.example:8444", "iam", cameTo: "dds").ShouldBe("https://dds.example:8444");
        Url(["https://10.0.0.1:8443"], own, "dds.example:8444", "ddm", cameTo: "dds").ShouldBe("https://dds.example:8443");
    }

    [Theory]
    [InlineData("https://10.0.0.1:8444", "https://keyturn.example:8444")]
    [InlineData("https://*:8444", "https://keyturn.example:8444")]
    [InlineData("https://10.0.0.2:8444", "https://10.0.0.2:8444")]
    public void BaseUrl_DoorOfAListener_HasTheNameThatWasAskedWhereItIsTheSameAddress(string listener, string expected) =>
        Url(["https://10.0.0.1:8443"], [$"dds={listener}"], "keyturn.example:8443", "dds").ShouldBe(expected);

    [Fact]
    public void BaseUrl_DoorOfALoopbackListener_IsNotThatForAClientOfAnotherMachine()
    {
        Url(["https://10.0.0.1:8443"], ["iam=http://127.0.0.1:8080"], "keyturn.example:8443", "iam").ShouldBe("https://keyturn.example:8443");
        Url(["https://127.0.0.1:8443", "https://*:8445"], ["iam=https://*:8444"], "keyturn.example:8444", "dds", cameTo: "iam").ShouldBe("https://keyturn.example:8445");
    }

    /// <summary>The URL of a door for a request that came to 10.0.0.1 by https, to the listener of a door or of all.</summary>
    private static string Url(string[] urls, string[] dialects, string host, string door, string? cameTo = null)
    {
        var options = new ServerOptions { Store = "", Urls = urls, Dialects = [.. dialects.Select(text => DoorAddress.TryParse(text)!)] };
        var addresses = new DoorAddresses(options);
        var kestrel = new KestrelServerOptions();
        foreach (var (url, name) in urls.Select(url => (url, (string?)null)).Concat(options.Dialects.Where(address => address.IsListener).Select(address => (address.Url, (string?)address.Door))))
        {
            var address = ListenAddress.TryParse(url)!;
            kestrel.Listen(address.Address ?? IPAddress.Loopback, address.Port, listen => addresses.Add(name is null ? null : DoorList.Find(name), listen, address.IsTls));
        }

        var http = new DefaultHttpContext();
        (http.Request.Scheme, http.Request.Host, http.Connection.LocalIpAddress, http.Connection.LocalPort) = ("https", new HostString(host), IPAddress.Parse("10.0.0.1"), 8443);
        if (cameTo is not null)
        {
            http.Features.Set(new ListenerDoor(DoorList.Find(cameTo)!));
        }

        return addresses.BaseUrl(http, DoorList.Find(door)!);
    }
}
