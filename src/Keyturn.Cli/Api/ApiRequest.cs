using System.Text.Json.Nodes;

namespace Keyturn.Cli.Api;

/// <summary>One call of the native API.</summary>
/// <param name="Method">Its verb.</param>
/// <param name="Path">Below <c>/api/v1</c>, percent-encoded.</param>
/// <param name="Doing">What to tell who waits for it.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Doing)
{
    public JsonObject? Body { get; init; }

    /// <summary>Whether something may be different afterwards; then a lost answer leaves that open.</summary>
    public bool Changes { get; init; } = Method != HttpMethod.Get;

    /// <summary>
    /// Given to what must not happen twice. With it the same call can be made again to learn how it ended, so a lost answer is no lost reset.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
