namespace Keyturn.Server.Tests;

[CollectionDefinition(DisableParallelization = true)]
public sealed class StandardOutput;

/// <summary>The log goes to standard output, so that it is caught there, with nothing else running.</summary>
[Collection<StandardOutput>]
public sealed class SecretHygieneTests
{
    [Fact]
    public async Task Log_OfEverySortOfCall_HasNoPasswordAndNoToken()
    {
        var output = Console.Out;
        await using var log = new StringWriter();
        Console.SetOut(TextWriter.Synchronized(log));
        string token;
        var canaries = new List<string> { "Adm1n-Pa55word" };
        try
        {
            await using var server = await RunningServer.StartAsync(options => options with { LogLevel = Microsoft.Extensions.Logging.LogLevel.Trace, LogFormat = LogFormat.Json });
            token = server.Token.Reveal();
            await server.RegisterAsync("postgresql", "pg");
            server.Postgres.Passwords["app"] = "before";
            await server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"password":"C4nary-giv3n"}""");
            await server.PostAsync("/api/v1/instances/pg/accounts/app/check", """{"password":"C4nary-ch3ck"}""");
            await server.PostAsync("/api/v1/instances/pg/accounts/app/adopt", """{"password":"C4nary-ad0pt"}""");
            await server.PostAsync("/api/v1/instances/pg/accounts/app/reset", """{"password":"C4nary-br0ken""");
            await server.GetAsync("/api/v1/instances/pg/accounts/app/secret?token=C4nary-qu3ry");
            await server.SendAsync(HttpMethod.Patch, "/api/v1/principals/operator", """{"email":"o@example.org"}""");
            foreach (var kind in new[] { "token", "access-key", "email-key", "password" })
            {
                var (_, issued) = await server.PostAsync("/api/v1/principals/operator/credentials", $$"""{"kind":"{{kind}}"}""");
                canaries.Add(issued["secret"]!.GetValue<string>());
            }

            await server.PostAsync("/api/v1/principals/operator/credentials", """{"kind":"password","password":"C4nary-s1gn-in"}""");
            await server.PostAsync(
                "/v3/auth/tokens", """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"C4nary","password":"C4nary-s1gn","domain":{"name":"C4nary"}}}}}}""");
            server.Postgres.OnChange = () => throw new InvalidOperationException("A bug.");
            await server.PostAsync("/api/v1/instances/pg/accounts/app/reset");
            canaries.Add(server.Postgres.Passwords["app"]);
        }
        finally
        {
            Console.SetOut(output);
        }

        var text = log.ToString();
        text.ShouldContain("\"EventId\":3003");
        text.ShouldNotContain("C4nary");
        text.ShouldNotContain(token);
        canaries.ShouldAllBe(canary => !text.Contains(canary, StringComparison.Ordinal));
    }
}
