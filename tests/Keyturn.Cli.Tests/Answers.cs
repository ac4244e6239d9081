namespace Keyturn.Cli.Tests;

/// <summary>Answers of the native API.</summary>
internal static class Answers
{
    public const string Password = "canary-Password-1";

    public static object Reset(string state = "done", string? password = Password) => new
    {
        reset = new
        {
            id = "0199aaaa-0000-7000-8000-000000000001",
            instance = "orders",
            account = "app",
            kind = "reset",
            state,
            proof = "login",
            nodes = new[] { new { address = "127.0.0.1:5432", step = "prove", persisted = true } },
            events = new[] { new { time = "2026-11-20T10:00:00Z", phase = "prepare", text = "stored" } },
        },
        password,
    };

    public static object Problem(string slug, int status, string? cause = null, string? resetId = null) => new
    {
        type = $"urn:keyturn:problem:{slug}",
        title = "A title",
        status,
        detail = "The detail of it.",
        cause,
        next_step = "Do the next thing.",
        reset_id = resetId,
        request_id = "request-7",
    };
}
