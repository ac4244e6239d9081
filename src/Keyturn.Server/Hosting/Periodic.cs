namespace Keyturn.Server.Hosting;

/// <summary>Does something at once, and then again and again until the server stops.</summary>
internal static class Periodic
{
    /// <param name="interval">From the end of a pass to the next, or less.</param>
    /// <param name="pass">What is done.</param>
    /// <param name="failed">Told what a pass threw; the next one is due all the same.</param>
    /// <param name="clock">Keeps the time.</param>
    /// <param name="stopping">The server stops.</param>
    public static async Task RunAsync(TimeSpan interval, Func<Task> pass, Action<Exception> failed, TimeProvider clock, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                try
                {
                    await pass();
                }
                catch (Exception error) when (!stopping.IsCancellationRequested)
                {
                    failed(error);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
