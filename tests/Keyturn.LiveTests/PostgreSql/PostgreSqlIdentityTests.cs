using Keyturn.Instances;

namespace Keyturn.LiveTests.PostgreSql;

[CollectionDefinition(nameof(PostgreSqlIdentityTests), DisableParallelization = true)]
public sealed class PostgreSqlIdentityCollection;

/// <summary>Alone, because it takes a right from everybody for a moment.</summary>
[Collection(nameof(PostgreSqlIdentityTests))]
public sealed class PostgreSqlIdentityTests : IAsyncDisposable
{
    private readonly PostgreSqlLab _lab = new(Lab.Server("postgresql-15"));

    [Fact]
    public async Task Connect_IdentityNotReadable_IsTheAddressAndSaysSo()
    {
        await _lab.ExecuteAsync("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        try
        {
            await using var admin = await _lab.ConnectAsync();

            admin.Server.Identity.ShouldBe(_lab.Target().Node.Address);
            admin.Server.Remarks.ShouldContain(remark => remark.Contains("pg_control_system"));
            (await admin.InspectAsync(new AccountName("postgres"), CancellationToken.None)).Value!.Rows.Single().IsAdmin.ShouldBeTrue();
        }
        finally
        {
            await _lab.ExecuteAsync("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
        }
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();
}
