using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>The text that stores hold: renaming a member of a domain type must not change it.</summary>
public sealed class InstanceSettingsTests
{
    private const string Json =
        """
        {"nodes":[{"host":"db","port":3306,"role":"Primary"}],"tls":{"mode":"VerifyFull","caPem":null,"serverName":"s","clientCertificatePem":null},"admin":{"user":"root","host":"%","authDatabase":null},"mainAccount":null,"send":"Verifier","status":"Active","passwordPolicy":{"minLength":12,"maxLength":128,"minClasses":3,"specials":"-_.~!*\u002B","onlyAllowedSpecials":false,"refuseName":true,"refuseWeak":true,"generatedLength":32,"generatedAlphabet":null},"statementLimitMilliseconds":3000,"tags":{"a":"b"},"attributes":{"region":"r"},"serverVersion":"8.4"}
        """;

    /// <summary>As the first version wrote it.</summary>
    private static readonly string First = Json.Replace(",\"generatedAlphabet\":null", "", StringComparison.Ordinal).Replace(",\"attributes\":{\"region\":\"r\"}", "", StringComparison.Ordinal);

    [Fact]
    public void Write_Instance_IsTheStoredText() => InstanceSettings.Write(new Instance
    {
        Id = Guid.NewGuid(),
        ProjectId = Guid.NewGuid(),
        Name = "i",
        Engine = "mysql",
        Nodes = [new Node("db", 3306)],
        Tls = new TlsSettings { ServerName = "s", ClientKeyPem = new Secret("not here") },
        Admin = new AccountName("root", "%"),
        Tags = new Dictionary<string, string> { ["a"] = "b" },
        Attributes = new Dictionary<string, string> { [InstanceAttribute.Region] = "r" },
        ServerIdentity = "uuid",
        ServerVersion = "8.4",
        CreatedAt = DateTimeOffset.UnixEpoch,
    }).ShouldBe(Json);

    [Fact]
    public void Read_StoredText_HasEverything()
    {
        var settings = InstanceSettings.Read(Json);

        settings.Nodes.ShouldBe([new Node("db", 3306)]);
        settings.Attributes.ShouldNotBeNull().ShouldHaveSingleItem().Value.ShouldBe("r");
        settings.Admin.ShouldBe(new AccountName("root", "%"));
        settings.PasswordPolicy.ShouldBe(PasswordPolicy.Default);
        settings.Tls.ShouldBe(new StoredTls(TlsMode.VerifyFull, CaPem: null, "s", ClientCertificatePem: null));
    }

    [Fact]
    public void Read_TextOfTheFirstVersion_LacksWhatCameLater()
    {
        First.ShouldNotContain("attributes");

        var settings = InstanceSettings.Read(First);

        settings.Attributes.ShouldBeNull();
        settings.PasswordPolicy.ShouldBe(PasswordPolicy.Default);
    }
}
