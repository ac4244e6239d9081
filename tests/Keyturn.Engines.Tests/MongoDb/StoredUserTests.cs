using Keyturn.Engines.MongoDb;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.Tests.MongoDb;

public sealed class StoredUserTests
{
    private static readonly MongoDbCredential Pencil = new("user", "admin", "pencil");

    // The salt of RFC 7677's example, and the keys that its password has with it.
    private static readonly BsonDocument Sha256 = new()
    {
        { "iterationCount", 4096 },
        { "salt", "W22ZaJ0SNY7soEsUEjb6gQ==" },
        { "storedKey", "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=" },
        { "serverKey", "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=" },
    };

    [Fact]
    public void Compare_VerifierOfThePassword_Matches() => User(Sha256).Compare(Pencil).Verdict.ShouldBe(ReadbackVerdict.Matches);

    [Fact]
    public void Compare_VerifierOfAnother_Differs() => User(Sha256).Compare(Pencil with { Password = "Pencil" }).Verdict.ShouldBe(ReadbackVerdict.Differs);

    [Fact]
    public void Compare_OneMethodOfAnotherPassword_IsMixed() =>
        new StoredUser(new() { { "credentials", new BsonDocument { { "SCRAM-SHA-256", Sha256 }, { "SCRAM-SHA-1", Sha256 } } } }).Compare(Pencil).Verdict.ShouldBe(ReadbackVerdict.Mixed);

    [Theory]
    [InlineData("iterationCount", 0)]
    [InlineData("iterationCount", 100_000_000)]
    [InlineData("salt", "")]
    [InlineData("salt", "***")]
    [InlineData("storedKey", 1)]
    public void Compare_VerifierThatIsNone_IsUnreadable(string member, object value)
    {
        var broken = new BsonDocument { { member, value } };
        foreach (var (name, kept) in Sha256)
        {
            broken.Add(name, kept);
        }

        User(broken).Compare(Pencil).Verdict.ShouldBe(ReadbackVerdict.Unreadable);
    }

    [Fact]
    public void Compare_NothingShown_IsUnreadable() => new StoredUser([]).Compare(Pencil).Verdict.ShouldBe(ReadbackVerdict.Unreadable);

    [Fact]
    public void ToRow_RoleOfAdmin_IsAnAdministrator()
    {
        Row("root", "admin").IsAdmin.ShouldBeTrue();
        Row("userAdmin", "reports").IsAdmin.ShouldBeFalse();
        Row("readWrite", "admin").IsAdmin.ShouldBeFalse();
    }

    private static StoredUser User(BsonDocument sha256) => new(new() { { "user", "user" }, { "db", "admin" }, { "credentials", new BsonDocument { { "SCRAM-SHA-256", sha256 } } } });

    private static AccountRow Row(string role, string database) => new StoredUser(new()
    {
        { "user", "user" },
        { "roles", new object?[] { new BsonDocument { { "role", role }, { "db", database } } } },
    }).ToRow();
}
