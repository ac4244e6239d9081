using Keyturn.Resets;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Notices when the answer of an ended reset did not leave: its caller was told no end, so that the same request within a minute gets
/// this reset's outcome instead of a second reset. What is lost after it has left cannot be known here.
/// </summary>
internal sealed class Delivery(RequestDelegate next, IResetStore resets)
{
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http);
        if (http.Features.Get<ResetRecord>() is not { IsOpen: false } reset)
        {
            return;
        }

        var flushed = await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        if (flushed.IsCompleted)
        {
            await resets.MarkUndeliveredAsync(reset.Id, ResetReplay.RepeatWithin);
        }
    }
}
