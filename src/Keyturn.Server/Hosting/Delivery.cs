using Keyturn.Resets;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Notices when the answer of an ended reset does not leave: its caller was told no end, so that the same request within a minute gets
/// this reset's outcome instead of a second reset. What is lost after it has left cannot be known here.
/// </summary>
internal sealed class Delivery(RequestDelegate next, IResetStore resets)
{
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http);
        if (http.Features.Get<ResetAnswered>() is not { Reset.IsOpen: false } answered)
        {
            return;
        }

        var hungUp = answered.HungUpBefore || (!http.Response.HasStarted && http.RequestAborted.IsCancellationRequested);
        var flushed = await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        if (hungUp || flushed.IsCompleted)
        {
            await resets.MarkUndeliveredAsync(answered.Reset.Id, ResetReplay.RepeatWithin);
        }
    }
}

/// <summary>The reset whose state an answer tells.</summary>
internal sealed class ResetAnswered(ResetRecord reset)
{
    public ResetRecord Reset => reset;

    /// <summary>
    /// Whether the caller was gone when the first byte was about to leave. Looking later would mistake a caller who has read its answer
    /// and closed the connection for one who never got it.
    /// </summary>
    public bool HungUpBefore { get; set; }
}

/// <summary>How a handler says that its answer is about a reset.</summary>
internal static class ResetAnswering
{
    /// <summary>The answer names this reset and tells where it stands.</summary>
    public static void AnswerWith(this HttpContext http, ResetRecord reset)
    {
        http.NameReset(reset.Id);
        var answered = new ResetAnswered(reset);
        http.Features.Set(answered);
        http.Response.OnStarting(() =>
        {
            answered.HungUpBefore = http.RequestAborted.IsCancellationRequested;
            return Task.CompletedTask;
        });
    }
}
