using Keyturn.Engines.MySql;
using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Instances;

namespace Keyturn.Engines.Tests.MySql;

public sealed class StoredVerdictTests
{
    private static readonly StoredMethod Socket = new("unix_socket", "", IsByPassword: false);

    [Fact]
    public void Of_NoRow_IsMissing() => Verdict().ShouldBe(ReadbackVerdict.Missing);

    [Fact]
    public void Of_SocketRowsOnly_AreUnreadable() => Verdict(Row(Socket)).ShouldBe(ReadbackVerdict.Unreadable);

    [Fact]
    public void Of_AllRowsAndAlternatives_Match() => Verdict(Row(Native("new"), Ed25519("new"), Socket), Row(Native("new"))).ShouldBe(ReadbackVerdict.Matches);

    [Fact]
    public void Of_OneAlternativeOlder_IsMixed() => Verdict(Row(Native("new"), Ed25519("old"))).ShouldBe(ReadbackVerdict.Mixed);

    [Fact]
    public void Of_AllOlder_Differ() => Verdict(Row(Native("old")), Row(Ed25519("older"))).ShouldBe(ReadbackVerdict.Differs);

    [Fact]
    public void Of_RowWithoutPassword_Differs() => Verdict(Row(new StoredMethod("mysql_native_password", "", IsByPassword: true))).ShouldBe(ReadbackVerdict.Differs);

    [Fact]
    public void Of_UnknownVerifierBesideAMatch_IsUnreadable() =>
        Verdict(Row(Native("new")), Row(new StoredMethod("mysql_native_password", "0123456789abcdef", IsByPassword: true))).ShouldBe(ReadbackVerdict.Unreadable);

    [Fact]
    public void Of_OlderPasswordRetained_IsMixed() =>
        Verdict(Row(Native("new")) with { Retained = Native("old").Stored }).ShouldBe(ReadbackVerdict.Mixed);

    [Fact]
    public void Of_NewPasswordOnlyRetained_IsMixed() =>
        Verdict(Row(Native("old")) with { Retained = Native("new").Stored }).ShouldBe(ReadbackVerdict.Mixed);

    private static ReadbackVerdict Verdict(params StoredAccount[] rows) => new StoredVerdict(new MariaDbFlavor(), new ServerFacts([])).Of(rows, "new").Verdict;

    private static StoredAccount Row(params StoredMethod[] methods) => new() { Name = new AccountName("app", "%"), Methods = methods };

    private static StoredMethod Native(string password) => new("mysql_native_password", new NativePasswordVerifier().Make(password), IsByPassword: true);

    private static StoredMethod Ed25519(string password) => new("ed25519", new Ed25519Verifier().Make(password), IsByPassword: true);
}
