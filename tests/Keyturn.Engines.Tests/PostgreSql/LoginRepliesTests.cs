using Keyturn.Engines.PostgreSql;
using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.Tests.PostgreSql;

public sealed class LoginRepliesTests
{
    [Theory]
    [InlineData("28P01", Login.WrongPassword, EngineError.WrongPassword)]
    [InlineData("28000", Login.NoVerdict, EngineError.LoginNotPermitted)]
    [InlineData("53300", Login.NoVerdict, EngineError.ConnectionLimit)]
    [InlineData("57P03", Login.Unreachable, EngineError.Unreachable)]
    [InlineData("08P01", Login.NoVerdict, EngineError.ServerError)]
    public void Read_RefusedBeforeThePasswordWasRight_BlamesNotThePassword(string code, Login login, EngineError error)
    {
        var result = LoginReplies.Read(new LoginReply(LoginVerdict.Refused, code, "no"), TargetWith(TlsMode.VerifyFull));

        result.Login.ShouldBe(login);
        result.Failure.ShouldBe(new Failure(error, $"no ({code})"));
    }

    /// <summary>As wrong passwords are told that PAM, LDAP or RADIUS have judged.</summary>
    [Fact]
    public void Read_AddressRefusedAfterThePasswordWasSent_LeavesItOpen()
    {
        var reply = new LoginReply(LoginVerdict.Refused, "28000", "PAM authentication failed");

        LoginReplies.Read(reply, TargetWith(TlsMode.VerifyFull)).IsGuess.ShouldBeFalse();
        var sent = LoginReplies.Read(reply with { IsPasswordSent = true }, TargetWith(TlsMode.VerifyFull));

        (sent.Login, sent.IsGuess).ShouldBe((Login.NoVerdict, true));
    }

    [Theory]
    [InlineData("28000", EngineError.LoginNotPermitted)]
    [InlineData("53300", EngineError.ConnectionLimit)]
    [InlineData("57P01", EngineError.ServerError)]
    public void Read_RefusedAfterThePasswordWasRight_IsRefused(string code, EngineError error)
    {
        var result = LoginReplies.Read(new LoginReply(LoginVerdict.Refused, code, "no") { IsPasswordProved = true }, TargetWith(TlsMode.VerifyFull));

        result.Login.ShouldBe(Login.Refused);
        result.Failure!.Error.ShouldBe(error);
    }

    [Theory]
    [InlineData("3D000")]
    [InlineData("42501")]
    public void Read_RefusedAtTheDatabaseThatWeChose_IsAccepted(string code) =>
        LoginReplies.Read(new LoginReply(LoginVerdict.Refused, code, "no") { IsPasswordProved = true }, TargetWith(TlsMode.VerifyFull))
            .Login.ShouldBe(Login.Accepted);

    [Fact]
    public void Read_AddressRefusedWithoutTls_AsksForTls() =>
        LoginReplies.Read(new LoginReply(LoginVerdict.Refused, "28000", "no"), TargetWith(TlsMode.Disable)).Failure!.Error.ShouldBe(EngineError.TlsRequired);

    private static Target TargetWith(TlsMode mode) =>
        new(new Node("db.example", 5432), new TlsSettings { Mode = mode }, SendMode.Verifier, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));
}
