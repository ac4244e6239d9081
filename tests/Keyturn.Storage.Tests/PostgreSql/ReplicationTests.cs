using Keyturn.Storage.PostgreSql;

namespace Keyturn.Storage.Tests.PostgreSql;

public sealed class ReplicationTests
{
    [Theory]
    [InlineData("", 0, false, false, "one server", false)]
    [InlineData("", 0, true, false, "asynchronous", true)]
    [InlineData("", 2, true, false, "asynchronous", true)]
    [InlineData("", 2, true, true, "asynchronous", false)]
    [InlineData("*", 1, true, false, "synchronous", false)]
    [InlineData("*", 0, true, false, "waiting for a replica", true)]
    [InlineData("\"node2\"", 0, true, true, "waiting for a replica", true)]
    public void Objection_StateOfTheDatabase_RefusesWhatCouldBeLost(string waitsFor, long replicas, bool isMeant, bool allow, string word, bool refuses)
    {
        var replication = new Replication(waitsFor, replicas, isMeant);

        replication.Word.ShouldBe(word);
        (replication.Objection(allow) is not null).ShouldBe(refuses);
    }
}
