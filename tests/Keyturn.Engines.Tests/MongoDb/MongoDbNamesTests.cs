using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines.Tests.MongoDb;

public sealed class MongoDbNamesTests
{
    [Theory]
    [InlineData("app", null, null, null)]
    [InlineData("me@corp.example,=", null, "reports", null)]
    [InlineData("", null, null, EngineError.InvalidName)]
    [InlineData("a\0b", null, null, EngineError.InvalidName)]
    [InlineData("app", "%", null, EngineError.InvalidName)]
    [InlineData("app", null, "", EngineError.InvalidName)]
    [InlineData("app", null, "a.b", EngineError.InvalidName)]
    [InlineData("app", null, "a b", EngineError.InvalidName)]
    [InlineData("app", null, "$external", EngineError.AccountHasNoPassword)]
    public void Check_Name_IsWhatMongoDbCanHold(string user, string? host, string? database, EngineError? error) =>
        (MongoDbNames.Check(new AccountName(user, host, database))?.Error).ShouldBe(error);

    /// <summary>Not among the rows above: an attribute cannot hold half of a pair.</summary>
    [Fact]
    public void Check_HalfACharacter_IsInvalid() => MongoDbNames.Check(new AccountName("\ud83d")).ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);

    [Theory]
    [InlineData("Aa1, =é密", true)]
    [InlineData("I\u00adX", true)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    [InlineData("tab\t", false)]
    [InlineData("\U0001F511", false)]
    [InlineData("\u0627a", false)]
    public void CheckNew_Password_IsWhatSaslPrepAllows(string password, bool isFine) => (MongoDbNames.CheckNew(new Secret(password)) is null).ShouldBe(isFine);

    [Fact]
    public void Check_PasswordToTry_MayBeAnOlderMethods() => MongoDbNames.Check(new Secret("tab\t")).ShouldBeNull();
}
