using Keyturn.Engines.PostgreSql;

namespace Keyturn.Engines.Tests.PostgreSql;

public sealed class StoredPasswordTests
{
    // Taken from PostgreSQL 15: CREATE ROLE app PASSWORD 'Old-1'.
    private const string Scram = "SCRAM-SHA-256$4096:BpweLYX4bF1ajn4zf46fEg==$ZDS/N2AA+I9HhVmacBBwXTQQBkXkscgUPgcwcKYJtgM=:MS9Y1EUPBRqJ73Xk+oYKPOAIqtxWN+eSmvjAKgjfgxs=";
    private const string Md5 = "md5c16cd1a204eeae7d649b8a318928c8e5";

    [Theory]
    [InlineData(Scram)]
    [InlineData(Md5)]
    public void Compare_VerifierThatTheServerMade_TellsPasswordsApart(string stored)
    {
        StoredPassword.Compare(stored, "app", "Old-1").Verdict.ShouldBe(ReadbackVerdict.Matches);
        StoredPassword.Compare(stored, "app", "Old-2").Verdict.ShouldBe(ReadbackVerdict.Differs);
    }

    [Fact]
    public void Compare_VerifierMadeHere_Matches()
    {
        var stored = ScramVerifier.Format(ScramVerifier.NewKeys("New-2"));

        StoredPassword.Compare(stored, "app", "New-2").Verdict.ShouldBe(ReadbackVerdict.Matches);
        ScramVerifier.Format(ScramVerifier.NewKeys("New-2")).ShouldNotBe(stored);
    }

    [Fact]
    public void Compare_NoPassword_Differs() => StoredPassword.Compare(stored: null, "app", "Old-1").Verdict.ShouldBe(ReadbackVerdict.Differs);

    [Theory]
    [InlineData("Old-1")]
    [InlineData("SCRAM-SHA-256$4096:notbase64")]
    [InlineData("SCRAM-SHA-256$4096:***$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$0:AAAA$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$2000000:AAAA$AAAA:AAAA")]
    public void Compare_NoVerifier_IsUnreadable(string stored) =>
        StoredPassword.Compare(stored, "app", "Old-1").Verdict.ShouldBe(ReadbackVerdict.Unreadable);

    [Fact]
    public void Compare_AnotherSchemesVerifier_IsUnreadableAndNotInTheDetail() =>
        StoredPassword.Compare("SECRET-FORM", "app", "Old-1").Failure!.Detail.ShouldNotContain("SECRET-FORM");
}
