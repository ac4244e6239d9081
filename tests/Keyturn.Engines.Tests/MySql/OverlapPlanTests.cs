using Keyturn.Engines.MySql;
using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Tests.MySql;

/// <summary>What is sent for two passwords at a time, by what the rows have.</summary>
public sealed class OverlapPlanTests
{
    private static readonly AccountName App = new("app");
    private static readonly StoredMethod Socket = new("unix_socket", "", IsByPassword: false);

    [Fact]
    public void Keep_MySqlRowHasTheOldOne_RetainsIt() =>
        Keep(new MySqlFlavor(), Row("%", "old")).ShouldHaveSingleItem().ShouldBe($"ALTER USER {Clause("%")} RETAIN CURRENT PASSWORD");

    [Theory]
    [InlineData("old")]
    [InlineData(null)]
    public void Keep_MySqlRowHasTheNewOneAlready_IsNotToldToRetainAgain(string? retained) =>
        Keep(new MySqlFlavor(), Row("%", "new", retained)).ShouldBeEmpty();

    [Fact]
    public void Keep_MySqlRowRetainsAnotherOnes_DiscardsIt() =>
        Keep(new MySqlFlavor(), Row("%", "new", "foreign")).ShouldHaveSingleItem().ShouldBe("ALTER USER `app`@`%` DISCARD OLD PASSWORD");

    [Fact]
    public void Keep_MySqlRowsDiffer_IsOneStatementForThoseThatNeedIt() =>
        Keep(new MySqlFlavor(), Row("%", "new", "old"), Row("a", "old"), Row("b", "old", "older")).ShouldHaveSingleItem()
            .ShouldBe($"ALTER USER {Clause("a")} RETAIN CURRENT PASSWORD, {Clause("b")} RETAIN CURRENT PASSWORD");

    [Fact]
    public void Keep_MariaDbRow_HasTheNewOneBeforeTheOldOne() =>
        Keep(new MariaDbFlavor(), Row("%", "old") with { Methods = [Native("older"), Native("old"), Socket] }).ShouldHaveSingleItem()
            .ShouldBe($"ALTER USER `app`@`%` IDENTIFIED VIA `mysql_native_password` USING '{Hash("new")}' OR `mysql_native_password` USING '{Hash("old")}' OR `unix_socket`");

    [Fact]
    public void Keep_MariaDbAccountOfParsec_IsRefused()
    {
        var row = Row("%", "") with { Methods = [new StoredMethod("parsec", new ParsecVerifier().Make("old"), IsByPassword: true)] };

        Plan(new MariaDbFlavor()).Keep(Change(), new Secret("old"), [row], default).Failure!.Error.ShouldBe(EngineError.Unsupported);
    }

    [Fact]
    public void Keep_OneRowHasNeither_IsRefused() =>
        Plan(new MySqlFlavor()).Keep(Change(), new Secret("old"), [Row("%", "old"), Row("a", "foreign", "old")], default).Failure!.Error.ShouldBe(EngineError.WrongPassword);

    [Theory]
    [InlineData("foreign")]
    [InlineData("old")]
    public void Discard_MySqlRetains_DiscardsWhateverItIs(string retained) =>
        Discard(new MySqlFlavor(), Row("%", "new", retained)).Value.ShouldBe(["ALTER USER `app`@`%` DISCARD OLD PASSWORD"]);

    [Fact]
    public void Discard_MySqlRetainsNothing_SendsNothing() => Discard(new MySqlFlavor(), Row("%", "new")).Value.ShouldNotBeNull().ShouldBeEmpty();

    [Fact]
    public void Discard_MySqlPresentOneIsTheRetained_IsRefused() =>
        Discard(new MySqlFlavor(), Row("%", "newer", "new")).Failure!.Error.ShouldBe(EngineError.WrongPassword);

    [Fact]
    public void Discard_MariaDbRow_KeepsThePresentAsItIsStored() =>
        Discard(new MariaDbFlavor(), Row("%", "") with { Methods = [Native("new"), Native("old"), Socket] }).Value
            .ShouldBe([$"ALTER USER `app`@`%` IDENTIFIED VIA `mysql_native_password` USING '{Hash("new")}' OR `unix_socket`"]);

    [Fact]
    public void Discard_MariaDbHasAThirdOne_IsRefused() =>
        Discard(new MariaDbFlavor(), Row("%", "") with { Methods = [Native("new"), Native("foreign")] }).Failure!.Error.ShouldBe(EngineError.WrongPassword);

    [Theory]
    [InlineData("new", "old", ReadbackVerdict.Matches)]
    [InlineData("old", "new", ReadbackVerdict.Differs)]
    [InlineData("new", null, ReadbackVerdict.Differs)]
    [InlineData("new", "new", ReadbackVerdict.Differs)]
    [InlineData("new", "foreign", ReadbackVerdict.Differs)]
    public void ReadBack_MySqlRow_MatchesTheTwoInTheirPlaces(string present, string? retained, ReadbackVerdict expected) =>
        Plan(new MySqlFlavor()).ReadBack([Row("%", present, retained)], new Secret("new"), new Secret("old")).Verdict.ShouldBe(expected);

    private static IReadOnlyList<string> Keep(ServerFlavor flavor, params StoredAccount[] rows) => Plan(flavor).Keep(Change(), new Secret("old"), rows, default).Value.ShouldNotBeNull();

    private static Answer<IReadOnlyList<string>> Discard(ServerFlavor flavor, params StoredAccount[] rows) =>
        Plan(flavor).Discard(App, new Secret("new"), new Secret("old"), rows, default);

    private static OverlapPlan Plan(ServerFlavor flavor) => new(flavor, new ServerFacts([]), SendMode.Verifier);

    private static PasswordChange Change() => new(App, new Secret("new"));

    private static StoredAccount Row(string host, string present, string? retained = null) =>
        new() { Name = App with { Host = host }, Methods = [Native(present)], Retained = retained is null ? null : Hash(retained) };

    private static StoredMethod Native(string password) => new("mysql_native_password", Hash(password), IsByPassword: true);

    private static string Clause(string host) => $"`app`@`{host}` IDENTIFIED WITH `mysql_native_password` AS 0x{Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(Hash("new")))}";

    private static string Hash(string password) => new NativePasswordVerifier().Make(password);
}
