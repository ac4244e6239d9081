using System.Text;
using Keyturn.Cli.Fleet;

namespace Keyturn.Cli.Tests.Fleet;

public sealed class FleetReaderTests
{
    private const string Good =
        """
        instances:
          - name: orders
            engine: postgresql
            nodes: [{host: db1, port: 5432}]
            admin: {user: keyturn}
        """;

    [Theory]
    [InlineData("    colour: red", 6, 5, "There is no key colour here.")]
    [InlineData("    main_acount: app", 6, 5, "did you mean main_account?")]
    [InlineData("    mainAccount: app", 6, 5, "did you mean main_account?")]
    [InlineData("    send: cleer", 6, 11, "send is one of verifier, clear: did you mean clear?")]
    [InlineData("    status: [active]", 6, 13, "status is to be one value, and is a list.")]
    [InlineData("    statement_limit_seconds: \"3\"", 6, 30, "without quotes")]
    [InlineData("    is_clone: yes", 6, 15, "is_clone is true or false.")]
    [InlineData("    tags: [a]", 6, 11, "tags is to be names with texts, and is a list.")]
    [InlineData("    tls: verify-full", 6, 10, "tls is to be keys and values, and is a text.")]
    [InlineData("    tls: {ca_file: none.pem}", 6, 20, "none.pem cannot be read")]
    [InlineData("    tls: {ca_file: /dev/zero}", 6, 20, "/dev/zero has more than 1048576 bytes")]
    [InlineData("    tls: {ca: x, ca_file: none.pem}", 6, 18, "say the same")]
    [InlineData("    tls: {client_key: x}", 6, 11, "client_key_file")]
    [InlineData("    password_policy: {min_length: 12.5}", 6, 35, "a whole number")]
    [InlineData("    accounts: {user: app}", 6, 15, "accounts is a list")]
    [InlineData("    accounts: [{user: app, password: x}]", 6, 28, "adopt --from")]
    [InlineData("    accounts: [{user: app, every: 30}]", 6, 16, "every is a number of days")]
    [InlineData("    accounts: [{user: app, every: 0d}]", 6, 16, "every is a number of days")]
    [InlineData("    accounts: [{user: app}, {user: app}]", 6, 29, "The account app is at fleet.yaml:6:16 too.")]
    [InlineData("    accounts: [{user: app, host: A}, {user: app, host: a}]", 6, 38, "too.")]
    [InlineData("    accounts: [{host: a}]", 6, 16, "needs the key user")]
    [InlineData("  - name: x", 6, 5, "an instance needs the key engine.")]
    [InlineData("other: 1", 6, 1, "There is no key other here.")]
    [InlineData("    <<: {a: b}", 6, 5, "Merge keys")]
    public void Read_WhatIsWrong_IsToldWithItsPlace(string line, int expectedLine, int column, string sentence)
    {
        var fleet = Read($"{Good}\n{line}");

        var fault = fleet.Faults[0];
        (fault.At.Line, fault.At.Column).ShouldBe((expectedLine, column), fault.Sentence);
        fault.Sentence.ShouldContain(sentence);
        fault.At.ToString().ShouldStartWith("fleet.yaml:6:");
    }

    [Fact]
    public void Read_ClearPassword_IsRefusedWithTheWayAndNotRepeated()
    {
        var fault = Read(Good.Replace("{user: keyturn}", "{user: keyturn, password: hunter2}", StringComparison.Ordinal)).Faults.ShouldHaveSingleItem();

        fault.Sentence.ShouldContain("password_file");
        fault.Sentence.ShouldContain("password_env");
        fault.Sentence.ShouldNotContain("hunter2");
    }

    [Fact]
    public void Read_SeveralFaults_AreToldAtOnce() =>
        Read($"{Good}\n    a: 1\n    send: x\n    tls: 1").Faults.Count.ShouldBe(3);

    [Fact]
    public void Read_SameInstanceInAnotherFile_IsToldWithBothPlaces()
    {
        var fleet = Read(Good);
        fleet.Read("b.yaml", "/", Encoding.UTF8.GetBytes($"---\n{Good}"));

        var fault = fleet.Faults.ShouldHaveSingleItem();
        (fault.At.File, fault.Sentence).ShouldBe(("b.yaml", "The instance orders is at fleet.yaml:2:5 too."));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("---\n---\n")]
    public void Read_Nothing_IsAFault(string text) => Read(text).Faults.ShouldHaveSingleItem().Sentence.ShouldContain("empty");

    [Fact]
    public void Read_ConnectionString_IsNoNode() =>
        Read(Good.Replace("db1", "\"mongodb://user:secret@db1\"", StringComparison.Ordinal)).Faults.ShouldHaveSingleItem().Sentence.ShouldNotContain("secret");

    [Fact]
    public void Read_EverythingOnce_BecomesTheApisMembers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ca.pem"], "PEM");
        var fleet = new FleetReader();
        fleet.Read("fleet.yaml", Path.GetDirectoryName(folder["x"])!, Encoding.UTF8.GetBytes(
            """
            instances:
              - name: orders
                engine: mysql
                nodes: [{host: db1, port: 3306, role: replica}, {host: "::1", port: 3307}]
                discover: true
                admin: {user: keyturn, host: "%", password_file: admin.pw}
                main_account: root
                tls: {mode: verify-ca, ca_file: ca.pem, server_name: db}
                send: clear
                statement_limit_seconds: 1.5
                status: ~
                password_policy: {min_length: 16, refuse_weak: false, specials: -_}
                tags: {team: 007, empty: ~}
                attributes: {region: fra1}
                is_clone: true
                accounts: [{user: app, host: 10.%, proof: readback, every: 30d}, {user: old, every: off}, {user: plain, auth_database: admin}]
            """));

        fleet.Faults.ShouldBeEmpty();
        var instance = fleet.Instances.ShouldHaveSingleItem();
        instance.Body.ToJsonString().ShouldBe(
            """
            {"engine":"mysql","nodes":[{"host":"db1","port":3306,"role":"replica"},{"host":"::1","port":3307}],"admin":{"user":"keyturn","host":"%"},"main_account":"root","tls":{"mode":"verify-ca","ca":"PEM","server_name":"db"},"send":"clear","statement_limit_seconds":1.5,"status":"active","password_policy":{"min_length":16,"refuse_weak":false,"specials":"-_"},"tags":{"team":"007","empty":""},"attributes":{"region":"fra1"},"is_clone":true}
            """);
        (instance.IsDiscovered, instance.AdminPassword!.File).ShouldBe((true, folder["admin.pw"]));
        instance.Accounts.Select(account => (account.Key.ToString(), account.Proof, account.EveryDays)).ShouldBe([("app@10.%", "readback", 30), ("old", null, 0), ("plain", null, null)]);
    }

    [Theory]
    [InlineData("password_flie", ": did you mean password_file?")]
    [InlineData("passwordFile", ": did you mean password_file?")]
    [InlineData("xyz", ".")]
    public void DidYouMean_NearestWord_OnlyWhereItIsNear(string word, string expected) =>
        Spelling.DidYouMean(word, ["password_file", "password_env", "user"]).ShouldBe(expected);

    private static FleetReader Read(string text)
    {
        var fleet = new FleetReader();
        fleet.Read("fleet.yaml", "/nowhere", Encoding.UTF8.GetBytes(text));
        return fleet;
    }
}
