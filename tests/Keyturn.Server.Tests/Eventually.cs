namespace Keyturn.Server.Tests;

/// <summary>Waits for what other threads do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task ShouldAsync(Func<bool> condition) => ShouldAsync(() => Task.FromResult(condition()));

    public static async Task ShouldAsync(Func<Task<bool>> condition)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (!await condition())
        {
            TimeProvider.System.GetUtcNow().ShouldBeLessThan(until, "It has not come about in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
