namespace Keyturn.Server.Hosting;

/// <summary>What requests and answers about a reset have in common, through every door.</summary>
internal static class ResetHeader
{
    public const string Name = "Keyturn-Reset-Id";
    public const string KeyName = "Idempotency-Key";

    /// <summary>The caller's key, taken as it stands.</summary>
    public static string? IdempotencyKey(this HttpContext http) =>
        http.Request.Headers.TryGetValue(KeyName, out var key) ? key.ToString() : null;

    /// <summary>Names the reset that the answer is about, if it is about one: its story can be read in the native API.</summary>
    public static void NameReset(this HttpContext http, Guid? resetId)
    {
        if (resetId is { } id)
        {
            http.Response.Headers[Name] = id.ToString();
        }
    }
}
