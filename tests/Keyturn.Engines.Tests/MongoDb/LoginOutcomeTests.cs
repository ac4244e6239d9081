using Keyturn.Engines.MongoDb;
using Keyturn.Wire;

namespace Keyturn.Engines.Tests.MongoDb;

/// <summary>"Wrong" and "could not ask" are never one.</summary>
public sealed class LoginOutcomeTests
{
    [Theory]
    [InlineData("18", "Authentication failed.")]
    [InlineData("11", "Could not find user \"app\" for db \"admin\"")]
    [InlineData("8000", "bad auth : Authentication failed.")] // MongoDB Atlas puts its own number on it.
    public void Of_RefusedAsThatAccount_IsAWrongPassword(string code, string message) => Of(code, message).ShouldBe(Login.WrongPassword);

    [Theory]
    [InlineData("8000", "cluster is paused")]
    [InlineData("334", "Unsupported mechanism")]
    [InlineData("13", "command saslStart requires authentication")]
    [InlineData("2", "bad value")]
    [InlineData("0", "")]
    public void Of_RefusedForAnotherReason_IsNoVerdict(string code, string message) => Of(code, message).ShouldBe(Login.NoVerdict);

    [Theory]
    [InlineData("91")]
    [InlineData("11600")]
    [InlineData("10107")]
    [InlineData("6")]
    public void Of_ServerThatIsNotThereNow_IsUnreachable(string code) => Of(code, "").ShouldBe(Login.Unreachable);

    private static Login Of(string code, string message) => LoginOutcome.Of(new LoginReply(LoginVerdict.Refused, code, message)).Login;
}
