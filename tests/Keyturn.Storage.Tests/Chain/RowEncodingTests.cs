using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage.Chain;

namespace Keyturn.Storage.Tests.Chain;

public sealed class RowEncodingTests
{
    private static readonly Guid Chain = new("00000000-0000-0000-0000-000000000001");

    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddMicroseconds(1.0);

    private static readonly AuditEntry Entry = new()
    {
        Caller = new Caller(Guid.Empty, "ops", Guid.Empty, "local", "-"),
        Action = "account.check",
        Outcome = "accepted",
        Account = "app",
        Detail = "",
    };

    /// <summary>Written out once by hand: another encoding would call every log that there is edited.</summary>
    [Fact]
    public void Encode_IsWhatItAlwaysWas()
    {
        const string Id = "00000010";
        const string None = "FFFFFFFF";
        var zero = new string('0', 32);
        Convert.ToHexString(RowEncoding.Encode(Chain, 2, Time, Entry)).ShouldBe(string.Concat(
        [
            "01", Id, "00000000000000000000000000000001", "00000008", "0000000000000002", "00000008", "0000000000000001", Id, zero, Id, zero,
            "00000003", "6F7073", "00000005", "6C6F63616C", "00000001", "2D", "0000000D", "6163636F756E742E636865636B", "00000008", "6163636570746564",
            None, "00000003", "617070", None, "00000000",
        ]));
    }

    [Fact]
    public void Encode_EveryColumn_IsInIt()
    {
        var (other, id) = (Entry.Caller, Guid.NewGuid());
        AuditEntry[] all =
        [
            Entry,
            Entry with { Caller = other with { ProjectId = id } }, Entry with { Caller = other with { PrincipalId = id } }, Entry with { Caller = other with { PrincipalName = "op" } },
            Entry with { Caller = other with { Source = "loca" } }, Entry with { Caller = other with { RequestId = "" } }, Entry with { Action = "account" }, Entry with { Outcome = "" },
            Entry with { InstanceId = id }, Entry with { ResetId = id }, Entry with { Account = null }, Entry with { Account = "" }, Entry with { Detail = null },
            Entry with { Account = "", Detail = "app" },
        ];

        all.Select(entry => Convert.ToHexString(RowEncoding.Encode(Chain, 2, Time, entry)))
            .Append(Convert.ToHexString(RowEncoding.Encode(id, 2, Time, Entry)))
            .Append(Convert.ToHexString(RowEncoding.Encode(Chain, 3, Time, Entry)))
            .Append(Convert.ToHexString(RowEncoding.Encode(Chain, 2, Time.AddMicroseconds(1), Entry)))
            .ShouldBeUnique();
    }
}
