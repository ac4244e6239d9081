using System.Diagnostics;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>
/// The STAND-IN judged by a client that knows nothing of us: Debian's pymongo. Without that, Keyturn and its stand-in could agree on a
/// protocol of their own.
/// </summary>
public sealed class StandInTests
{
    // Debian's Python: another one on the path would not have Debian's packages.
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import sys
        try:
            import pymongo
        except ImportError:
            sys.exit(77)
        host, port, ca, database, user, password, mechanism = sys.argv[1:]
        tls = dict(tls=True, tlsCAFile=ca) if ca else {}
        client = pymongo.MongoClient(host, int(port), username=user, password=password, authSource=database, authMechanism=mechanism,
                                     serverSelectionTimeoutMS=5000, **tls)
        try:
            client.admin.command('ping')
        except pymongo.errors.OperationFailure as refused:
            print('refused', refused.code)
        else:
            users = client.admin.command('connectionStatus')['authInfo']['authenticatedUsers']
            print('let in as', users[0]['db'], users[0]['user'])
        """;

    [Theory]
    [InlineData("SCRAM-SHA-256", true)]
    [InlineData("SCRAM-SHA-256", false)]
    [InlineData("SCRAM-SHA-1", true)]
    public async Task Pymongo_RightPassword_IsLetIn(string mechanism, bool hasTls)
    {
        await using var standIn = Start(hasTls);
        standIn.Add("reports", "naïve=app,x", "Pass=word, Ünïcode-1");

        (await RunAsync(standIn, hasTls, "reports", "naïve=app,x", "Pass=word, Ünïcode-1", mechanism)).ShouldBe("let in as reports naïve=app,x");
    }

    [Fact]
    public async Task Pymongo_ServerOfTheOlderKind_IsLetIn()
    {
        await using var standIn = Start(hasTls: false);
        (standIn.Knobs.AnswersSpeculation, standIn.Knobs.SkipsEmptyExchange, standIn.Knobs.HasProcessId) = (false, false, false);

        (await RunAsync(standIn, hasTls: false, "admin", StandInMongoDb.AdminUser, StandInMongoDb.AdminPassword, "SCRAM-SHA-256")).ShouldBe("let in as admin keyturn");
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-1")]
    public async Task Pymongo_WrongPassword_IsRefused(string mechanism)
    {
        await using var standIn = Start(hasTls: false);

        (await RunAsync(standIn, hasTls: false, "admin", StandInMongoDb.AdminUser, "wrong", mechanism)).ShouldBe("refused 18");
    }

    private static StandInMongoDb Start(bool hasTls)
    {
        Assert.SkipUnless(!hasTls || Lab.IsThere, "no lab: the stand-in needs its certificates");
        return hasTls ? StandInMongoDb.OverTls() : StandInMongoDb.Plain();
    }

    private static async Task<string> RunAsync(StandInMongoDb standIn, bool hasTls, params string[] account)
    {
        Assert.SkipUnless(File.Exists(Python), $"no {Python}");
        var start = new ProcessStartInfo(Python, ["-c", Script, "127.0.0.1", $"{standIn.Port}", hasTls ? Lab.CaFile : "", .. account])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var python = Process.Start(start)!;
        var (output, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        await python.WaitForExitAsync();
        Assert.SkipWhen(python.ExitCode == 77, "no pymongo: apt install python3-pymongo");
        python.ExitCode.ShouldBe(0, await errors);
        return (await output).Trim();
    }
}
