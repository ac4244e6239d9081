using System.Net;
using System.Text.Json;

namespace Keyturn.Cli.Api;

/// <summary>What the native API answered.</summary>
/// <param name="Status">2xx, or that of a problem (RFC 9457).</param>
/// <param name="Body">An empty object where the answer had none.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonElement Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The reset goes on without us: 202.</summary>
    public bool IsUndecided => Status is HttpStatusCode.Accepted;
}
