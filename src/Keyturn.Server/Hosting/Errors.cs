using Keyturn.Storage;

namespace Keyturn.Server.Hosting;

/// <summary>What was thrown, as a status. The body is written by the door: see <see cref="Doors"/>.</summary>
internal sealed class Errors(RequestDelegate next, ILogger<Errors> logger)
{
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException refused) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = refused.StatusCode;
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            http.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            ServerLog.RequestFailed(logger, error, http.TraceIdentifier);
            http.Response.Clear();
            http.Response.StatusCode = error is StoreException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        }
    }
}
